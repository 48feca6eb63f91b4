"""System calls by name, for the two architectures we know: what may be called, and how.

Measured with strace on torch, numpy, matplotlib and the standard library; the rest of `ALLOWED`
is what another glibc or clock source needs, and harms nobody. What is not
named here is refused with EPERM, which a program meets as an ordinary PermissionError.
"""

import errno
import os
import platform
from dataclasses import dataclass

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*

# name: (x86_64, aarch64); None where an architecture has no such call
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "access": (21, None),
    "arch_prctl": (158, None),
    "bpf": (321, 280),
    "brk": (12, 214),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "clone": (56, 220),
    "clone3": (435, 435),
    "close": (3, 57),
    "close_range": (436, 436),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "execve": (59, 221),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "fcntl": (72, 25),
    "fstat": (5, 80),
    "futex": (202, 98),
    "get_robust_list": (274, 100),
    "getcpu": (309, 168),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getgroups": (115, 158),
    "getitimer": (36, 102),
    "getpgid": (121, 155),
    "getpgrp": (111, None),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getrandom": (318, 278),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "getsid": (124, 156),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "init_module": (175, 105),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "kexec_load": (246, 104),
    "lseek": (8, 62),
    "lstat": (6, None),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    "mmap": (9, 222),
    "mount": (165, 40),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "nanosleep": (35, 101),
    "newfstatat": (262, 79),
    "open": (2, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "poll": (7, None),
    "ppoll": (271, 73),
    "prctl": (157, 167),
    "pread64": (17, 67),
    "prlimit64": (302, 261),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pselect6": (270, 72),
    "ptrace": (101, 117),
    "read": (0, 63),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "readv": (19, 65),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "select": (23, None),
    "set_robust_list": (273, 99),
    "set_tid_address": (218, 96),
    "setitimer": (38, 103),
    "setns": (308, 268),
    "setrlimit": (160, 164),
    "sigaltstack": (131, 132),
    "stat": (4, None),
    "statx": (332, 291),
    "sysinfo": (99, 179),
    "tgkill": (234, 131),
    "time": (201, None),
    "times": (100, 153),
    "umask": (95, 166),
    "uname": (63, 160),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "write": (1, 64),
    "writev": (20, 66),
}


def number_of(name: str) -> int | None:
    """The number of a call here; None where this architecture has none. KeyError: unknown name."""
    return NUMBERS[name][list(ARCHITECTURES).index(platform.machine())]


@dataclass(frozen=True, slots=True)
class Without:
    """Argument `argument` has none of these bits."""

    argument: int
    bits: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """Argument `argument`, masked, is one of these values."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class OwnPid:
    """Argument `argument` is the caller's own pid; filled in when the filter is loaded."""

    argument: int


Condition = Without | OneOf | OwnPid


@dataclass(frozen=True, slots=True)
class Checked:
    """A call that is allowed when all conditions are met, and else answered with `refusal`."""

    conditions: tuple[Condition, ...]
    refusal: int = errno.EPERM


ALLOWED = """
access brk close dup dup2 dup3 exit exit_group
faccessat faccessat2 fstat get_robust_list getcpu getcwd getdents64 getegid geteuid getgid
getgroups getitimer getpgid getpgrp getpid getppid getrandom getrlimit getrusage getsid gettid
gettimeofday getuid lseek lstat mprotect munmap nanosleep newfstatat poll ppoll pread64 pselect6
read readlink readlinkat readv restart_syscall rseq rt_sigaction rt_sigprocmask rt_sigreturn
sched_getaffinity sched_yield select set_robust_list setitimer setrlimit sigaltstack stat statx
sysinfo time times umask uname write writev
""".split()

# The caller falls back to an older call; with EPERM glibc would give up.
MISSING = ["clone3", "close_range", "membarrier", "mremap", "openat2"]

# No program computes with these: whoever calls them is ended, and the answer says so.
KILLED = """
bpf init_module io_uring_setup kexec_load mount process_vm_readv process_vm_writev ptrace setns
unshare userfaultfd
""".split()

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_EXCL
_UNCOUNTED = 0x01 | 0x100  # MAP_SHARED and MAP_GROWSDOWN are no data to RLIMIT_DATA
_THREAD = (
    0x00010000 | 0x00000100 | 0x00000800 | 0x00000200 | 0x00000400
)  # THREAD VM SIGHAND FS FILES
_NAMESPACES = 0x7E020080
_MADVICE = tuple(advice for advice in range(26) if advice not in (9, 12, 13))  # not REMOVE, KSM
_FUTEX_WAITS = (0, 1, 3, 4, 5, 9, 10)  # no priority inheritance: a rich source of kernel bugs

# A negative id is the clock of a process or thread, of any that it names: how busy another one is.
CLOCK = Checked((Without(0, 1 << 31),), errno.EINVAL)
READING = Checked((Without(2, _WRITING),), errno.EACCES)

CHECKED: dict[str, Checked] = {
    "openat": READING,
    "open": Checked((Without(1, _WRITING),), errno.EACCES),
    "clock_getres": CLOCK,
    "clock_gettime": CLOCK,
    "clock_nanosleep": CLOCK,
    "mmap": Checked((Without(3, _UNCOUNTED),)),
    "madvise": Checked((OneOf(2, _MADVICE),), errno.EINVAL),
    "futex": Checked((OneOf(1, _FUTEX_WAITS, mask=0x7F),), errno.ENOSYS),
    "clone": Checked((Without(0, _NAMESPACES), OneOf(0, (_THREAD,), mask=_THREAD))),
    "ioctl": Checked((OneOf(1, (0x5450, 0x5451, 0x541B)),), errno.ENOTTY),  # FIO(N)CLEX, FIONREAD
    "fcntl": Checked((OneOf(1, (0, 1, 2, 3, 1030, 1032)),)),  # dup, descriptor flags, reading
    "prctl": Checked((OneOf(0, (15, 16, 21, 39)),)),  # names of threads; what the jail tries
    "prlimit64": Checked((OneOf(0, (0,)),)),  # of itself: below its own hard limits
    "tgkill": Checked((OwnPid(0),)),  # abort(), raise()
    "arch_prctl": Checked((OneOf(0, (0x1021, 0x1022, 0x1023)),)),  # AMX
}
NO_FILES = ("open", "openat")  # what a sealed child may not do at all

# What starting a program takes, for a jail in which one is started.
STARTING = ("execve", "set_tid_address")
STARTED = Checked((OneOf(0, (0x1002,)),))  # arch_prctl: where the thread's own variables are
