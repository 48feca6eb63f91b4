# tries: to fork by the newest system call
# must: OSError
# ends: raised OSError
# control: yes
import ctypes, os, signal

arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD)
libc = ctypes.CDLL(None, use_errno=True)
pid = libc.syscall(435, ctypes.byref(arguments), ctypes.sizeof(arguments))
if pid < 0:
    raise OSError(ctypes.get_errno(), "clone3")
if pid == 0:
    os.write(1, b"HARM\n")
    os._exit(0)
os.wait()
