# tries: to find the server's secret in what the fork server left in memory
# must: nothing found; with all of its heap thawed, time or memory may end it first
# ends: finished | limit time | crashed crash
# control: no, the fork server never had it
import gc, os, re, sys


def texts():
    yield from (*os.environ.values(), *sys.argv)
    gc.unfreeze()
    for each in gc.get_objects():
        items = each.values() if type(each) is dict else each
        if type(each) in (list, tuple, set, dict):
            for item in list(items):
                if type(item) is str:
                    yield item
                elif type(item) in (bytes, bytearray):
                    yield item.decode("latin-1")


pattern = re.compile("hush-" + "[0-9a-f]{32}")
if any(map(pattern.search, texts())):
    print("HARM")
