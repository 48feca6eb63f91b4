# tries: to raise from as deep as Python goes
# must: an answer that is cut
# ends: raised RecursionError | limit time
# control: no, a limit and not a right
import sys

sys.setrecursionlimit(20_000)


def deeper():
    deeper()


deeper()
