# tries: to leave memory that outlives its process
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
segment = libc.shmget(0, 4096, 0o1600)
if segment < 0:
    raise OSError(ctypes.get_errno(), "shmget")
print("HARM")
libc.shmctl(segment, 0, None)
