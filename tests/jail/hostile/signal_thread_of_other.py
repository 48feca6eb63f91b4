# tries: to send a signal to a thread of the fork server
# must: PermissionError
# ends: raised PermissionError
# control: no, a server started by root is of another user than its programs
import ctypes, os

number = {"x86_64": 234, "aarch64": 131}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(number, os.getppid(), os.getppid(), 9) < 0:
    raise OSError(ctypes.get_errno(), "tgkill")
print("HARM")
