# tries: to trace and profile whatever runs, ours too
# must: a run like others
# ends: finished
# control: no, it harms only itself
import sys, threading

seen = []
sys.settrace(lambda *event: seen.append(event[1]))
sys.setprofile(lambda *event: seen.append(event[1]))
threading.settrace(sys.gettrace())
