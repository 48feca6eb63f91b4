# tries: to be debugged by the fork server, which is told of nothing else then
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: yes
import ctypes

if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0:
    print("HARM")
