# tries: to leave memory of the kernel's for the next program
# must: the next finds none
# ends: finished
# control: yes
# runs: 2
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
found = libc.shmget(0x67726164, 4096, 0o666)
if found >= 0:
    print("HARM", found)
    libc.shmctl(found, 0, None)
else:
    libc.shmget(0x67726164, 4096, 0o1666)
