# tries: to mount a file system by the calls that are newer than mount
# must: PermissionError at each
# ends: finished
# control: no, only root may
import ctypes, errno

libc = ctypes.CDLL(None, use_errno=True)
for number in (428, 429, 430, 431, 432, 433, 442, 457, 458, 467):
    result = libc.syscall(number, 0, 0, 0, 0, 0)
    if result != -1 or ctypes.get_errno() != errno.EPERM:
        print("HARM", number, result, ctypes.get_errno())
