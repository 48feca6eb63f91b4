# tries: to start another kernel
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, only root may
import ctypes, os

number = {"x86_64": 246, "aarch64": 104}[os.uname().machine]
if ctypes.CDLL(None).syscall(number, 0, 0, 0, 0) == 0:
    print("HARM")
