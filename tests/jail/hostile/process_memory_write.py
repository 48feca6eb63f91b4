# tries: to write memory by the call that writes that of others
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: yes
import ctypes, os

there = ctypes.create_string_buffer(6)
text = ctypes.create_string_buffer(b"forged")
to = (ctypes.c_size_t * 2)(ctypes.addressof(there), 6)
here = (ctypes.c_size_t * 2)(ctypes.addressof(text), 6)
libc = ctypes.CDLL(None)
if libc.process_vm_writev(os.getpid(), here, 1, to, 1, 0) == 6:
    print("HARM", there.raw)
