# tries: to open a file by its handle, which asks no folder for leave
# must: PermissionError
# ends: raised PermissionError
# control: no, it needs a right of root's that is only kept behind Landlock
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
handle = (ctypes.c_uint32 * 34)(128)
mount = ctypes.c_int()
libc.name_to_handle_at(-100, b"/etc/passwd", handle, ctypes.byref(mount), 0)
descriptor = libc.open_by_handle_at(1, handle, os.O_RDONLY)
if descriptor < 0:
    raise OSError(ctypes.get_errno(), "open_by_handle_at")
print("HARM", os.read(descriptor, 9))
