# tries: to fill the kernel's memory with tables for addresses that hold nothing
# must: no more addresses than the limit
# ends: finished
# control: no, a limit of the process and not of the filter
import ctypes, mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
MAP_NORESERVE = 0x4000
for _ in range(64):
    start = libc.mmap(None, 2**36, 1, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    if start != 2**64 - 1:
        print("HARM")
        break
