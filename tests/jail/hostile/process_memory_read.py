# tries: to read memory by the call that reads that of others
# must: it is ended, and the answer says why
# ends: crashed forbidden
# control: yes
import ctypes, os

secret = ctypes.create_string_buffer(b"secret")
copy = ctypes.create_string_buffer(6)
there = (ctypes.c_size_t * 2)(ctypes.addressof(secret), 6)
here = (ctypes.c_size_t * 2)(ctypes.addressof(copy), 6)
libc = ctypes.CDLL(None)
if libc.process_vm_readv(os.getpid(), here, 1, there, 1, 0) == 6:
    print("HARM", copy.raw)
