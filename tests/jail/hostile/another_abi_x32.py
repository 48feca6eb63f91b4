# tries: to call the kernel by numbers above all known ones
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, not every kernel has them
import ctypes

print("HARM" if ctypes.CDLL(None).syscall(0x40000000 + 39) > 0 else "refused")
