# tries: to fork by vfork
# must: PermissionError
# ends: raised PermissionError
# control: no, a child on our own stack would ruin it
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.vfork() < 0:
    raise OSError(ctypes.get_errno(), "vfork")
print("HARM")
