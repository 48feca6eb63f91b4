# tries: to mount a file system
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: no, only root may
import ctypes

if ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
    print("HARM")
