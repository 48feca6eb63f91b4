# tries: to reboot the machine
# must: PermissionError
# ends: raised PermissionError
# control: no, nobody wants to see it succeed
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.reboot(0) < 0:
    raise OSError(ctypes.get_errno(), "reboot")
print("HARM")
