# tries: to leave shared memory with a name
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
if libc.shm_open(b"/gradfn-hostile", os.O_CREAT | os.O_RDWR, 0o600) < 0:
    raise OSError(ctypes.get_errno(), "shm_open")
print("HARM")
libc.shm_unlink(b"/gradfn-hostile")
