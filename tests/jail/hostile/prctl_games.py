# tries: to be dumpable, to lose its filter, to move its memory map, to keep rights
# must: PermissionError at each
# ends: finished
# control: yes
import ctypes, errno

libc = ctypes.CDLL(None, use_errno=True)
libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
DUMPABLE, PDEATHSIG, SECCOMP, CAPBSET_DROP, SECUREBITS, SET_MM, PTRACER, SUBREAPER = (
    4, 1, 22, 24, 28, 35, 0x59616D61, 36
)  # fmt: skip
for option, value in (
    (DUMPABLE, 1),
    (PDEATHSIG, 0),
    (SECCOMP, 0),
    (CAPBSET_DROP, 0),
    (SECUREBITS, 0),
    (SET_MM, 1),
    (PTRACER, 2**64 - 1),
    (SUBREAPER, 1),
):
    if libc.prctl(option, value, 0, 0, 0) == 0:
        print("HARM", option)
    elif option != SET_MM and ctypes.get_errno() not in (errno.EPERM, errno.EINVAL):
        print("HARM asked", option, ctypes.get_errno())
