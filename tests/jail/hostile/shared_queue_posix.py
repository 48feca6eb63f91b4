# tries: to leave a queue of messages with a name
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes, os

librt = ctypes.CDLL("librt.so.1", use_errno=True)
if librt.mq_open(b"/gradfn-hostile", os.O_CREAT | os.O_RDWR, 0o600, None) < 0:
    raise OSError(ctypes.get_errno(), "mq_open")
librt.mq_unlink(b"/gradfn-hostile")
print("HARM")
