# tries: to call the kernel by the numbers of a 32-bit machine, which mean other calls
# must: it is ended
# ends: crashed forbidden | crashed crash
# control: no, not every kernel has them
# machine: x86_64
import ctypes, mmap

code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20 (getpid); int 0x80; ret
start = ctypes.addressof(ctypes.c_char.from_buffer(code))
print("HARM", ctypes.CFUNCTYPE(ctypes.c_int)(start)())
