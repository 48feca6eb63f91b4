# tries: to leave semaphores that outlive their process
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
semaphores = libc.semget(0, 1, 0o1600)
if semaphores < 0:
    raise OSError(ctypes.get_errno(), "semget")
print("HARM")
libc.semctl(semaphores, 0, 0)
