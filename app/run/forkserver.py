"""The fork server seen from outside: a process of its own, and the children it forks.

It is started by exec with a clean environment, before and apart from whatever this process
knows, so nothing of ours is in a child's memory, descriptors or environment.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.run.limits import Limits

# What comes over the control socket; `app.child.serve` holds the other end.
FORKED = struct.Struct("<cq")
EXITED = struct.Struct("<cqqdq")
START_SECONDS = 60

# What changes how torch computes on this machine; everything else is left behind.
KEPT_VARIABLES = ("LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TZ")


class ForkServerLost(Exception):
    """The fork server is gone, and every child with it."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child ended, as its parent process was told. `status` is a wait status."""

    status: int
    cpu_seconds: float
    peak_rss_kb: int


@dataclass(frozen=True, slots=True)
class Child:
    """A process that runs one program: its descriptors here, and its end when it comes.

    `exited` raises ForkServerLost when nobody is left who could tell.
    """

    pidfd: int
    request: int
    stdout: int
    stderr: int
    wire: int
    exited: asyncio.Future[Exit] = field(compare=False)

    def kill(self) -> None:
        """End it now. Through the pidfd: a pid may already be another process's."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def close_request(self) -> None:
        """Let the child see the end of its program."""
        os.close(self.request)

    def close(self) -> None:
        """Give back the descriptors; the request's is closed when it was sent."""
        for descriptor in (self.pidfd, self.stdout, self.stderr, self.wire):
            os.close(descriptor)


@dataclass(slots=True)
class _Pipes:
    """The ends of a child's four pipes: ours in `near`, the child's in `far`."""

    near: list[int]
    far: list[int]

    @classmethod
    def open(cls) -> "_Pipes":
        read, write = zip(*(os.pipe2(os.O_CLOEXEC) for _ in range(4)), strict=True)
        near = [write[0], *read[1:]]
        for descriptor in near:
            os.set_blocking(descriptor, False)
        return cls(near, [read[0], *write[1:]])


class ForkServer:
    """A running fork server. `lost` is called once when it ends by itself."""

    def __init__(self, limits: Limits, lost: Callable[[], None]) -> None:
        self._limits, self._lost = limits, lost
        self._asked: deque[tuple[_Pipes, asyncio.Future[Child]]] = deque()
        self._children: dict[int, asyncio.Future[Exit]] = {}

    async def start(self) -> None:
        """Start the process and wait until it can fork; ForkServerLost if it never can."""
        self._loop = asyncio.get_running_loop()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._folder = tempfile.mkdtemp(prefix="gradfn-")
        self._started: asyncio.Future[None] = self._loop.create_future()
        with theirs:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                self._command(theirs.fileno()),
                env=clean_environment(self._folder),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if "GRADFN_DEBUG" in os.environ else subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control.setblocking(False)
        self._loop.add_reader(self._control, self._read_control)
        try:
            await asyncio.wait_for(self._started, START_SECONDS)
        except (TimeoutError, ForkServerLost):
            self.stop()
            raise ForkServerLost("the fork server did not start") from None

    def _command(self, control: int) -> list[str]:
        limits = self._limits
        numbers = (limits.memory_mb * 2**20, limits.cpu_seconds, limits.open_files)
        return [sys.executable, "-s", "-P", "-m", "app.child", str(control), *map(str, numbers)]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def fork(self) -> Child:
        """A new child, on its way to be ready; ForkServerLost when there is no server."""
        pipes = _Pipes.open()
        born: asyncio.Future[Child] = self._loop.create_future()
        self._asked.append((pipes, born))
        try:
            socket.send_fds(self._control, [b"F"], pipes.far)
        except OSError:
            self._asked.remove((pipes, born))
            for descriptor in (*pipes.near, *pipes.far):
                os.close(descriptor)
            raise ForkServerLost("the fork server is gone") from None
        for descriptor in pipes.far:
            os.close(descriptor)
        return await asyncio.shield(born)

    def stop(self) -> None:
        """End the process, its children and its folder; a second time does nothing."""
        if self._control.fileno() < 0:
            return
        self._loop.remove_reader(self._control)
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._give_up()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read_control(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, 64, 1)
        except BlockingIOError:
            return
        except OSError:
            message, descriptors = b"", []
        match message[:1]:
            case b"R":
                self._started.set_result(None)
            case b"F":
                self._born(FORKED.unpack(message)[1], descriptors[0])
            case b"X":
                _, pid, status, cpu_seconds, peak_rss_kb = EXITED.unpack(message)
                self._children.pop(pid).set_result(Exit(status, cpu_seconds, peak_rss_kb))
            case _:
                self.stop()
                self._lost()

    def _born(self, pid: int, pidfd: int) -> None:
        pipes, born = self._asked.popleft()
        exited = self._children[pid] = self._loop.create_future()
        request, stdout, stderr, wire = pipes.near
        born.set_result(Child(pidfd, request, stdout, stderr, wire, exited))

    def _give_up(self) -> None:
        lost = ForkServerLost("the fork server is gone")
        for pipes, _ in self._asked:
            for descriptor in pipes.near:
                os.close(descriptor)
        waiting: list[asyncio.Future[Any]] = [
            self._started,
            *(born for _, born in self._asked),
            *self._children.values(),
        ]
        for future in waiting:
            if not future.done():
                future.set_exception(lost)
                future.exception()  # it is no error if nobody asks
        self._asked.clear()
        self._children.clear()


def clean_environment(folder: str) -> dict[str, str]:
    """All that the fork server and the programs find in their environment."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **kept,
        **threads,
        # torch.set_num_threads(8), common in tutorials, must not end the process.
        "OMP_THREAD_LIMIT": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),  # the same code as in this process
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "MPLCONFIGDIR": folder,
        "TORCHINDUCTOR_CACHE_DIR": folder,
        # The order of a set of strings depends on the program alone.
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
