# tries: to put a filter of its own over the jail's, that answers for the kernel
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes, os

number = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(number, 2, 0, ctypes.byref(ctypes.c_uint32(0x7FFF0000))) < 0:
    raise OSError(ctypes.get_errno(), "seccomp")
print("HARM")
