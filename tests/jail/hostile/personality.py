# tries: to turn off what makes memory hard to guess
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.personality(0xFFFFFFFF) < 0:
    raise OSError(ctypes.get_errno(), "personality")
print("HARM")
