# tries: to send a signal that says it comes from the kernel
# must: PermissionError
# ends: raised PermissionError
# control: no, a server started by root is of another user than its programs
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
if libc.sigqueue(os.getppid(), 0, None) < 0:
    raise OSError(ctypes.get_errno(), "sigqueue")
print("HARM")
