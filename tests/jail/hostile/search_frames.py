# tries: to walk up the stack into our own functions, and look for the server's secret
# must: nothing found
# ends: finished
# control: no, the fork server never had it
import re, sys

pattern = re.compile("hush-" + "[0-9a-f]{32}")
frame = sys._getframe()
while frame:
    if pattern.search(repr(frame.f_locals)) or pattern.search(repr(frame.f_globals)):
        print("HARM")
    frame = frame.f_back
