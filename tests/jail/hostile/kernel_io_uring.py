# tries: to have the kernel do what it may not do itself
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, not every kernel has it
import ctypes

parameters = ctypes.create_string_buffer(256)
if ctypes.CDLL(None).syscall(425, 8, parameters) >= 0:
    print("HARM")
