# tries: to be told of what anybody does to any file
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.fanotify_init(0, 0) < 0:
    raise OSError(ctypes.get_errno(), "fanotify_init")
print("HARM")
