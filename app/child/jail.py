"""What a child may use, put on before it reads a byte of the program."""

import ctypes
import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
RESERVE_BYTES = 256 * 2**20  # kept back, so that a program out of memory can still be told of


@dataclass(frozen=True, slots=True)
class Jail:
    """The limits of one child: memory above what the fork server uses, CPU, open files."""

    memory_bytes: int
    cpu_seconds: int
    open_files: int

    def enter(self) -> None:
        """Shut this process in for good; OSError or ValueError when a limit does not hold."""
        os.setpgid(0, 0)
        _die_with_parent()
        os.nice(10)  # the server answers first
        base = _data_bytes()
        for limit, soft, hard in (
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_NOFILE, self.open_files, self.open_files),
            (resource.RLIMIT_CPU, self.cpu_seconds, self.cpu_seconds + 1),
            (
                resource.RLIMIT_DATA,
                base + self.memory_bytes,
                base + self.memory_bytes + RESERVE_BYTES,
            ),
        ):
            resource.setrlimit(limit, (soft, hard))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond FSIZE is an OSError


def release_reserve() -> None:
    """Let this process use its reserve of memory: the program is over, its story is not."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _die_with_parent() -> None:
    """When the fork server is gone nobody can tell how this process ends: it ends too."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def _data_bytes() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    raise OSError("no VmData in /proc/self/status")
