"""The fork server seen from outside: a process of its own, and the children it forks.

It is started by exec with a clean environment, before and apart from whatever this process
knows, so nothing of ours is in a child's memory, descriptors or environment.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradfn.events.wire import REHEARSE
from gradfn.run.folder import Folder

# What comes over the control socket; `gradfn.jail.fork_server` has the other end.
FORKED = struct.Struct("<cq")
EXITED = struct.Struct("<cqqdq")
START_SECONDS = 60
PING_SECONDS = 0.5
# Without an answer for so long it hangs, if it neither computes nor waits for a disk; and anyhow.
HUNG_SECONDS, SLOW_SECONDS = 1.5, 30.0

# What changes how torch computes on this machine; everything else is left behind.
KEPT_VARIABLES = ("LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "TZ")


class ForkServerLost(Exception):
    """The fork server is gone, and every child with it."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a child ended, as the fork server reports it.

    `status` is a wait status, `peak_kib` what memory it used above what its parent does.
    """

    status: int
    cpu_seconds: float
    peak_kib: int


@dataclass(frozen=True, slots=True, eq=False)  # descriptors' numbers are given out again
class Child:
    """A process that runs one program: its descriptors here, and its end when it comes.

    `exited` raises ForkServerLost when no process is left that could know. The pid is for reading
    only: by then it may be another process's.
    """

    pid: int
    pidfd: int
    request: int
    stdout: int
    stderr: int
    wire: int
    exited: asyncio.Future[Exit]

    def rehearse(self) -> None:
        """Let it run a small program of ours while it waits; if it has ended, its end says so."""
        with contextlib.suppress(OSError):
            os.write(self.request, REHEARSE)

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

    def discard(self) -> None:
        """End it, if it was never given a program."""
        self.kill()
        self.close_request()
        self.close()


@dataclass(slots=True)
class _Pipes:
    """The ends of a child's four pipes: ours in `near`, the child's in `far`."""

    near: list[int]
    far: list[int]

    @classmethod
    def open(cls) -> "_Pipes":
        """Four pipes; OSError when there are not enough descriptors."""
        pipes: list[tuple[int, int]] = []
        try:
            while len(pipes) < 4:
                pipes.append(os.pipe2(os.O_CLOEXEC))
        except OSError:
            _close(itertools.chain(*pipes))
            raise
        (far_request, request), *others = pipes
        near = [request, *(read for read, _ in others)]
        for descriptor in near:
            os.set_blocking(descriptor, False)
        return cls(near, [far_request, *(write for _, write in others)])


class ForkServer:
    """A running fork server: a module, and what it is told on its command line.

    `lost` is called with it, once, when it ends by itself.
    """

    def __init__(
        self, module: str, told: Sequence[object], lost: "Callable[[ForkServer], None]"
    ) -> None:
        self._module, self._told, self._lost = module, told, lost
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._control, self._theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        self._loop.add_reader(self._control, self._read_control)
        self._pidfd: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Folder | None = None  # a spare has that of the server it was forked from
        self._asked: deque[tuple[_Pipes, asyncio.Future[Child]]] = deque()
        self._children: dict[int, asyncio.Future[Exit]] = {}
        self._asked_at: float | None = None  # whether it is there
        self._ping_timer: asyncio.TimerHandle | None = None

    async def start(self) -> None:
        """Start the process and wait until it can fork; ForkServerLost if it never can.

        What it has to say of a failed start is on our own stderr.
        """
        try:
            with self._theirs:
                self._folder = Folder.create()
                self._process = subprocess.Popen(  # noqa: ASYNC220 - returns at once
                    self._command(self._theirs.fileno()),
                    env=clean_environment(str(self._folder.path)),
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[self._theirs.fileno(), self._folder.lock],
                    start_new_session=True,
                )
        except OSError:
            self.stop()
            raise ForkServerLost("the fork server did not start") from None
        await self._until_started()

    async def spare(self) -> "ForkServer":
        """A copy of the process, forked from it, that waits in case it is lost."""
        spare = ForkServer(self._module, self._told, self._lost)
        try:
            with spare._theirs:
                socket.send_fds(self._control, [b"S"], [spare._theirs.fileno()])
        except OSError:
            spare.stop()
            raise ForkServerLost("the fork server is gone") from None
        await spare._until_started()
        return spare

    async def _until_started(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(self._started)
        except (TimeoutError, ForkServerLost):
            self.stop()
            raise ForkServerLost("the fork server did not start") from None
        except asyncio.CancelledError:
            self.stop()
            raise

    def _command(self, control: int) -> list[str]:
        told = map(str, self._told)
        return [sys.executable, "-s", "-P", "-m", self._module, str(control), *told]

    async def fork(self) -> Child:
        """A new child, on its way to be ready.

        ForkServerLost when there is no server, OSError when there are no descriptors or processes.
        """
        pipes = _Pipes.open()
        born: asyncio.Future[Child] = self._loop.create_future()
        self._asked.append((pipes, born))
        try:
            socket.send_fds(self._control, [b"F"], pipes.far)
        except OSError:
            self._asked.remove((pipes, born))
            _close(pipes.near)
            raise ForkServerLost("the fork server is gone") from None
        finally:
            _close(pipes.far)
        try:
            return await asyncio.shield(born)
        except asyncio.CancelledError:
            born.add_done_callback(_discard_born)
            raise

    def stop(self) -> None:
        """End the process, its children and its folder; a second time does nothing."""
        if self._control.fileno() < 0:
            return
        self._loop.remove_reader(self._control)
        self._control.close()
        if self._ping_timer is not None:
            self._ping_timer.cancel()
        if self._pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            os.close(self._pidfd)
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._folder is not None:
            self._folder.remove()
        self._give_up()

    def _read_control(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(
                self._control, 64, 1, socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            return
        except OSError:
            message, descriptors = b"", []
        match message[:1]:
            case b"R":
                (self._pidfd,) = descriptors
                self._started.set_result(None)
                self._ping()
            case b"P":
                self._asked_at = None
            case b"F":
                self._born(FORKED.unpack(message)[1], descriptors[0])
            case b"N":
                pipes, born = self._asked.popleft()
                _close(pipes.near)
                born.set_exception(OSError("the kernel gives no process"))
            case b"X":
                _, pid, status, cpu_seconds, peak_kib = EXITED.unpack(message)
                exited = self._children.pop(pid, None)
                if exited is not None:  # else it was a spare
                    exited.set_result(Exit(status, cpu_seconds, peak_kib))
            case _:
                self._end()

    def _end(self) -> None:
        had_started = self._started.done()
        self.stop()
        if had_started:  # else start() itself raises
            self._lost(self)

    def _ping(self) -> None:
        """Ask whether it is there, twice a second; one that hangs is ended, and another serves."""
        now = self._loop.time()
        if self._asked_at is None:
            with contextlib.suppress(OSError):  # there is no room, or its end is read soon
                self._control.send(b"P")
                self._asked_at = now
        elif now - self._asked_at > self._patience():
            self._end()
            return
        self._ping_timer = self._loop.call_later(PING_SECONDS, self._ping)

    def _patience(self) -> float:
        assert self._pidfd is not None
        return SLOW_SECONDS if is_busy(self._pidfd) else HUNG_SECONDS

    def _born(self, pid: int, pidfd: int) -> None:
        pipes, born = self._asked.popleft()
        exited = self._children[pid] = self._loop.create_future()
        request, stdout, stderr, wire = pipes.near
        born.set_result(Child(pid, pidfd, request, stdout, stderr, wire, exited))

    def _give_up(self) -> None:
        lost = ForkServerLost("the fork server is gone")
        for pipes, _ in self._asked:
            _close(pipes.near)
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


def is_busy(pidfd: int) -> bool:
    """Whether the process computes, or waits for a processor or a disk."""
    with contextlib.suppress(OSError, IndexError):
        fields = Path(f"/proc/self/fdinfo/{pidfd}").read_text().split("Pid:")[1].split()
        status = Path(f"/proc/{fields[0]}/stat").read_text()
        return status.rpartition(")")[2].split()[0] in "RD"
    return False


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _discard_born(born: asyncio.Future[Child]) -> None:
    """End a child for which nobody waits any more."""
    if born.exception() is None:
        born.result().discard()


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
