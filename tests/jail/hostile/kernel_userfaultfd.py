# tries: to handle page faults, with which kernels are held open for an attack
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, most kernels refuse it without root
import ctypes, os

number = {"x86_64": 323, "aarch64": 282}[os.uname().machine]
if ctypes.CDLL(None).syscall(number, 1) >= 0:
    print("HARM")
