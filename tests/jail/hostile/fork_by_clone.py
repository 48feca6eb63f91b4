# tries: to fork by the system call, past Python and libc
# must: PermissionError
# ends: raised PermissionError
# control: yes
import ctypes, os

number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
pid = libc.syscall(number, 17, 0, 0, 0, 0)
if pid < 0:
    raise OSError(ctypes.get_errno(), "clone")
if pid == 0:
    os.write(1, b"HARM\n")
    os._exit(0)
os.wait()
