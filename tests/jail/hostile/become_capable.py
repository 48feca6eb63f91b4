# tries: to raise the rights it has
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes, struct

libc = ctypes.CDLL(None, use_errno=True)
header = struct.pack("<Ii", 0x20080522, 0)
if libc.capset(header, bytes(24)) < 0:
    raise OSError(ctypes.get_errno(), "capset")
print("HARM")
