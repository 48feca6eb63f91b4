# tries: to load a module into the kernel
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, only root may
import ctypes, os

number = {"x86_64": 175, "aarch64": 105}[os.uname().machine]
if ctypes.CDLL(None).syscall(number, b"", 0, b"") == 0:
    print("HARM")
