# tries: to take memory and make it read-only, when it is no longer counted, over and over
# must: no more than the limit and the slack of 512 MB
# ends: finished
# control: no, a limit of the process and not of the filter
import ctypes, mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
size, taken = 2**26, 0
while taken < 2**30:
    start = libc.mmap(None, size, 3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    if start == 2**64 - 1:
        break
    libc.mprotect(start, size, mmap.PROT_READ)
    taken += size
else:
    print("HARM", taken)
