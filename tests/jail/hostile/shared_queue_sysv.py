# tries: to leave a queue of messages that outlives its process
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
queue = libc.msgget(0, 0o1600)
if queue < 0:
    raise OSError(ctypes.get_errno(), "msgget")
print("HARM")
libc.msgctl(queue, 0, None)
