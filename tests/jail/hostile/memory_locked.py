# tries: to lock memory, so that others are swapped out
# must: PermissionError
# ends: raised PermissionError
# control: no, a limit of the process stops it without a filter
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.mlockall(3) < 0:
    raise OSError(ctypes.get_errno(), "mlockall")
print("HARM")
