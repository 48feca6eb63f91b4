# tries: to make a ruleset of its own
# must: PermissionError
# ends: raised PermissionError
# control: no, not every kernel has them
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(444, None, 0, 1) < 0:
    raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
print("HARM")
