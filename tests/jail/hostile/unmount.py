# tries: to unmount, by which a namespace is opened
# must: PermissionError
# ends: raised PermissionError
# control: no, only root may
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.umount2(b"/proc", 2) < 0:
    raise OSError(ctypes.get_errno(), "umount2")
print("HARM")
