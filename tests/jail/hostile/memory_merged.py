# tries: to have its pages merged with equal ones of others, and learn of them by the time it takes
# must: OSError
# ends: raised OSError
# control: no, not every kernel merges pages
import ctypes, mmap

libc = ctypes.CDLL(None, use_errno=True)
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
start = ctypes.addressof(ctypes.c_char.from_buffer(page))
if libc.madvise(start, 4096, 12) < 0:
    raise OSError(ctypes.get_errno(), "madvise")
print("HARM")
