# tries: to load a program into the kernel
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, most kernels refuse it without root
import ctypes, os

number = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
if ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(128), 128) >= 0:
    print("HARM")
