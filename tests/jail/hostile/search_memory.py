# tries: to find the server's secret in its own memory, byte for byte
# must: nothing found
# ends: finished
# control: no, the fork server never had it
import ctypes, re

pattern = re.compile(b"hush-" + b"[0-9a-f]{32}")
libc = ctypes.CDLL(None, use_errno=True)
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.sbrk.restype, libc.sbrk.argtypes = ctypes.c_void_p, [ctypes.c_ssize_t]
STEP, WALK = 2**16, 2**27
for start in (libc.sbrk(0), id(pattern), id(type), id(object())):
    start -= start % STEP
    for address in range(max(0, start - WALK), start + WALK, STEP):
        if libc.madvise(address, STEP, 0) == 0:  # mapped as a whole; a stack's guard is not
            if libc.access(ctypes.c_void_p(address), 0) != 0 and ctypes.get_errno() == 14:
                continue  # not to be read
            if pattern.search(ctypes.string_at(address, 4096)):
                print("HARM")
