# tries: to be root in a namespace of its own
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, containers refuse it
import ctypes

if ctypes.CDLL(None).unshare(0x10000000) == 0:
    print("HARM")
