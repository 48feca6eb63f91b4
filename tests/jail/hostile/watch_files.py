# tries: to be told of what others do to files
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.inotify_init1(0) < 0:
    raise OSError(ctypes.get_errno(), "inotify_init1")
print("HARM")
