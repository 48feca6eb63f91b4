# tries: to enter the namespace of another
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, it needs a descriptor that only /proc has
import ctypes

if ctypes.CDLL(None).setns(0, 0) == 0:
    print("HARM")
