# tries: to reach the ports of the machine
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import ctypes, os

number = {"x86_64": 172, "aarch64": 471}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(number, 3) < 0:
    raise OSError(ctypes.get_errno(), "iopl")
print("HARM")
