# tries: to have another root for all
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import ctypes, os

number = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(number, b"/usr", b"/usr/lib") < 0:
    raise OSError(ctypes.get_errno(), "pivot_root")
print("HARM")
