# tries: to make a thread with namespaces of its own
# must: PermissionError
# ends: raised PermissionError
# control: no, the kernel refuses the combination too
import ctypes, os

number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(number, 0x00010F00 | 0x10000000, 0, 0, 0, 0) < 0:
    raise OSError(ctypes.get_errno(), "clone")
os.write(1, b"HARM\n")
