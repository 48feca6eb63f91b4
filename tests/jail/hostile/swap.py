# tries: to swap to a file of its own
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.swapon(b"/usr/lib", 0) < 0:
    raise OSError(ctypes.get_errno(), "swapon")
print("HARM")
