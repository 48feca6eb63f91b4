# tries: to debug the fork server
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, a server started by root is of another user than its programs
import ctypes, os

if ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0) == 0:
    print("HARM")
