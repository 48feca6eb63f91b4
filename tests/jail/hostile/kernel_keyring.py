# tries: to join a keyring of another session
# must: PermissionError
# ends: raised PermissionError
# control: no, containers refuse it
import ctypes, os

number = {"x86_64": 250, "aarch64": 219}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(number, 1, b"gradfn-hostile") < 0:
    raise OSError(ctypes.get_errno(), "keyctl")
print("HARM")
