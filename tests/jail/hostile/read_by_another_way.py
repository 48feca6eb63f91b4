# tries: to read a file through chdir, relative paths, openat, openat2 and a path of links
# must: nothing read
# ends: finished
# control: yes
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
how = (ctypes.c_uint64 * 3)()
ways = [
    lambda: os.open("../../../../etc/passwd", os.O_RDONLY),
    lambda: os.open("/usr/lib/../../etc/passwd", os.O_RDONLY),
    lambda: os.open("passwd", os.O_RDONLY, dir_fd=os.open("/etc", os.O_PATH)),
    lambda: os.open("/etc/passwd", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC),
    lambda: libc.syscall(437, -100, b"/etc/passwd", ctypes.byref(how), 24),
    lambda: os.open(f"/proc/self/fd/{os.open('/etc/passwd', os.O_PATH)}", os.O_RDONLY),
    lambda: os.chdir("/etc") or os.open("passwd", os.O_RDONLY),
]
for way in ways:
    try:
        descriptor = way()
        print("HARM", os.read(descriptor, 9)) if descriptor > 3 else None
    except OSError:
        pass
