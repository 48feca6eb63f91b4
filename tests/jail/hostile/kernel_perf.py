# tries: to count events of the processor
# must: PermissionError
# ends: raised PermissionError
# control: no, most kernels refuse it without root
import ctypes, os

number = {"x86_64": 298, "aarch64": 241}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
attributes = (ctypes.c_uint32 * 32)(1, 128)
if libc.syscall(number, attributes, 0, -1, -1, 0) < 0:
    raise OSError(ctypes.get_errno(), "perf_event_open")
print("HARM")
