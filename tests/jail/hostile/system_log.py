# tries: to read the log of the kernel
# must: PermissionError
# ends: raised PermissionError
# control: no, many kernels refuse it without root
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.klogctl(10, None, 0) < 0:
    raise OSError(ctypes.get_errno(), "syslog")
print("HARM")
