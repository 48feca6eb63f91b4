"""What a child may do, put on before it reads a byte of the program.

The layers, in the order in which they go on; each is tried afterwards, and a child in which
one does not work never runs a program. docs/security.md says what each is for.
"""

import contextlib
import ctypes
import errno
import os
import platform
import resource
import signal
import socket
import struct
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gradfn
from gradfn.jail.landlock import Ruleset, reading_only
from gradfn.jail.seccomp import SECCOMP, SET_MODE_FILTER, Filter, assemble

RESERVE_BYTES = 256 * 2**20  # kept back, so that a program out of memory can still be reported
OWN_DESCRIPTORS = 4  # request, stdout, stderr, wire
THREADS = 64  # that one program may start
# When root starts the server: ids that nobody has, for each child its own, since the kernel counts
# threads by user; one for all where a user namespace has no others.
FIRST_CHILD_UID, SHARED_CHILD_UID = 1_879_048_192, 64_999

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS = 1, 4, 8
PR_GET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 21, 38, 39
M_ARENA_MAX = -8  # mallopt(3)
CAPABILITIES_V3, READ_ANYTHING = 0x20080522, 1 << 2  # CAP_DAC_READ_SEARCH

READABLE_FOLDERS = ("/usr/lib", "/lib", "/lib64", "/usr/share/zoneinfo", "/usr/share/fonts")
LOADED_FROM = ("/usr/lib", "/lib", "/lib64")  # what programs start with
READABLE_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]  # else the high halves are noise


class JailBroken(Exception):
    """A layer is on and does not work."""


@dataclass(frozen=True, slots=True)
class Jail:
    """The layers of this machine: made in the fork server, entered by each child."""

    memory_bytes: int  # above what the fork server uses
    cpu_seconds: int
    open_files: int
    data_bytes: int  # what the fork server uses
    space_bytes: int  # and its address space, files mapped included
    ruleset: Ruleset | None
    filter: Filter | None
    niceness: int = 10  # the server answers first

    @classmethod
    def prepare(
        cls,
        *,
        memory_bytes: int,
        cpu_seconds: int,
        open_files: int,
        niceness: int = 10,
        sealed: bool = False,
        starts: Path | None = None,
    ) -> "Jail":
        """The jail as this machine can have it; what it cannot have is None.

        A sealed one lets no file be opened. `starts` is a program that may be started in it.
        """
        _libc.mallopt(M_ARENA_MAX, 1)  # a thread's arena takes 64 MB of addresses, used or not
        folders = [] if sealed else _readable_folders()
        programs = [] if starts is None else [starts, *map(Path, LOADED_FROM)]
        ruleset = reading_only(folders, map(Path, READABLE_FILES), programs)
        # Without Landlock no file may be opened at all.
        filter = None
        if has_seccomp():
            filter = assemble(sealed=sealed or ruleset is None, starts=starts is not None)
        if filter is not None:
            _ = filter.packed, filter.own_pids  # now: each child would have to do it
        return cls(
            memory_bytes=memory_bytes,
            cpu_seconds=cpu_seconds,
            open_files=open_files,
            data_bytes=_bytes_of("VmData"),
            space_bytes=_bytes_of("VmSize"),
            ruleset=ruleset,
            filter=filter,
            niceness=niceness,
        )

    def enter(self, parent: int) -> None:
        """Shut this process in for good; OSError, ValueError or JailBroken when it fails.

        It ends together with the process `parent`, which may be gone already.
        """
        os.setpgid(0, 0)
        os.nice(self.niceness)
        Path("/proc/self/oom_score_adj").write_text("1000")  # and is the last to be killed
        if os.geteuid() == 0:
            self._become_nobody()
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of uid, which clears it
        if os.getppid() != parent:  # it ended before we could ask to be told
            os._exit(0)
        _prctl(PR_SET_DUMPABLE, 0)
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        end_of_descriptors = os.sysconf("SC_OPEN_MAX")  # read now: it is about to be lowered
        self._limit()
        if self.ruleset is not None:
            self.ruleset.restrict_self()
        os.closerange(OWN_DESCRIPTORS, end_of_descriptors)
        if self.filter is not None:
            self.filter.load()
        self._try()

    def _become_nobody(self) -> None:
        """Give up root.

        Reading what only root may read is kept where Landlock narrows it down: the packages
        themselves may lie in root's home.
        """
        _prctl(PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        for uid in (FIRST_CHILD_UID + os.getpid(), SHARED_CHILD_UID):
            with contextlib.suppress(OSError):
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                break
        else:
            raise JailBroken("root cannot be given up")
        kept = READ_ANYTHING if self.ruleset is not None else 0
        header = struct.pack("<Ii", CAPABILITIES_V3, 0)
        sets = struct.pack("<6I", kept, kept, 0, 0, 0, 0)  # effective, permitted, inheritable
        _check(_libc.capset(header, sets), "capset")

    @staticmethod
    def _has_own_uid() -> bool:
        """Whether nobody else is the user that `_become_nobody` made this process."""
        return os.geteuid() == FIRST_CHILD_UID + os.getpid()

    def _limit(self) -> None:
        data = self.data_bytes + self.memory_bytes
        # Memory that is written and then made read-only is no data any more. This bounds it;
        # what is between the two is for the libraries that a program still loads.
        space = self.space_bytes + self.memory_bytes + 2 * RESERVE_BYTES
        _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = min(self.open_files, most_files)
        # The kernel counts all threads of a user, so the limit is what there are and some.
        threads = (1 if self._has_own_uid() else _threads_of(os.geteuid())) + THREADS
        for limit, soft, hard in (
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_NOFILE, files, files),
            (resource.RLIMIT_MEMLOCK, 0, 0),
            (resource.RLIMIT_MSGQUEUE, 0, 0),
            (resource.RLIMIT_NPROC, threads, threads),
            (resource.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 1),
            (resource.RLIMIT_DATA, data, data + RESERVE_BYTES),
            (resource.RLIMIT_AS, space, space),
        ):
            resource.setrlimit(limit, (soft, hard))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond FSIZE is an OSError

    def _try(self) -> None:
        """Try what must fail now."""
        tries: list[tuple[str, bool]] = [
            ("uid", os.geteuid() != 0),
            ("no_new_privs", _libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1),
            ("limits", resource.getrlimit(resource.RLIMIT_FSIZE) == (0, 0)),
        ]
        if self.ruleset is not None:
            tries.append(("landlock", _is_refused(lambda: os.open("/etc", os.O_RDONLY))))
        if self.filter is not None:
            tries += [
                ("seccomp", _libc.prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2),
                ("sockets", _is_refused(socket.socket)),
                ("signals", _is_refused(lambda: os.kill(os.getppid(), 0))),
            ]
        broken = [name for name, works in tries if not works]
        if broken:
            raise JailBroken(f"these layers do not work: {', '.join(broken)}")


def release_reserve() -> None:
    """Let this process use its reserve of memory: the program is over, its story is not."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _readable_folders() -> list[Path]:
    """Where Python and its packages lie.

    Never the folder of this package itself: in a checkout the project's settings are
    there too, and everything of ours that a child needs is imported already.
    """
    project = Path(gradfn.__file__).resolve().parents[1]
    paths = {Path(path).resolve() for path in (*sys.path, *sysconfig.get_paths().values())}
    packages = {path for path in paths if path.is_dir() and path != project}
    return [*sorted(packages), *map(Path, READABLE_FOLDERS)]


def has_seccomp() -> bool:
    """Whether this kernel takes a filter; tried with a null pointer, which it cannot take."""
    number = SECCOMP.get(platform.machine())
    if number is None:
        return False
    _libc.syscall(number, SET_MODE_FILTER, 0, None)
    return ctypes.get_errno() == errno.EFAULT


def _threads_of(uid: int) -> int:
    count = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):  # it may have ended meanwhile
                tasks = (process / "task").stat()
                if tasks.st_uid == uid:
                    count += tasks.st_nlink - 2  # a folder for each thread
    return count


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except PermissionError:
        return True
    return False


def _prctl(option: int, value: int) -> None:
    _check(_libc.prctl(option, value, 0, 0, 0), f"prctl({option})")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _bytes_of(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"no {name} in /proc/self/status")
