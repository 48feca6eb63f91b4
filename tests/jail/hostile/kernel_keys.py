# tries: to leave a key in a keyring of the kernel's
# must: PermissionError
# ends: raised PermissionError
# control: no, containers refuse it
import ctypes, os

number = {"x86_64": 248, "aarch64": 217}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(number, b"user", b"gradfn-hostile", b"x", 1, -3) < 0:
    raise OSError(ctypes.get_errno(), "add_key")
print("HARM")
