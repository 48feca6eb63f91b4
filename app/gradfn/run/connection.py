"""One run, seen from outside: the program goes in, records come out, limits are kept.

Nothing that comes from the child is believed: it is counted, and how the child ended is decided by
what this process saw. A reader decodes it (`reading`), for a live run this process does.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gradfn.events.kinds import Event, Finished, Printed, Wrote
from gradfn.events.run import Program
from gradfn.events.values import Record
from gradfn.events.wire import FINISHED, BrokenWire, FrameBuffer, max_frame_bytes
from gradfn.run.exit_reason import CLOSED, ObservedEnd, exit_reason
from gradfn.run.forkserver import Child, Exit, ForkServerLost
from gradfn.run.limits import Limits
from gradfn.run.memory import MemoryWatch
from gradfn.run.output import Output, read_available
from gradfn.run.request_pipe import RequestPipe

log = logging.getLogger(__name__)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

EXIT_SECONDS = 1.0
# The child has limits of its own, but the kernel does not count everything towards them. Beyond
# them: its reserve of 256 MB, and some for libraries that are loaded late.
MEMORY_OVER_MB = 320
SLOW_SECONDS, RESTS = 0.002, 9  # what takes less than two milliseconds keeps nobody waiting


@dataclass(frozen=True, slots=True)
class Told:
    """What a child sent, unread, and what this process observed: what was printed, how it ended."""

    frames: list[bytes]
    observed: list[Event]
    finished: bool


async def told_by_child(
    child: Child, program: Program, limits: Limits, is_one_too_many: Callable[[int], bool]
) -> Told:
    """Run the program, and take what the child sends to its end; being cancelled, stop that.

    `is_one_too_many` is told four times a second how many KiB it uses; then it is ended.
    """

    def memory_used(used_kib: int) -> None:
        if is_one_too_many(used_kib):
            connection.end("memory beside")

    connection = ChildConnection[bytes](child, limits, FrameReader(limits), memory_used=memory_used)
    seconds = program.wall_seconds + limits.grace_seconds
    deadline = asyncio.get_running_loop().call_later(seconds, connection.end, "time")
    frames: list[bytes] = []
    try:
        connection.send(program, last=True)
        while isinstance(body := await connection.next(), bytes):
            frames.append(body)
    finally:
        deadline.cancel()
        connection.close()
    observed: list[Event] = [*connection.printed()]
    if not connection.finished:
        ended = await connection.observed_end()
        observed.append(exit_reason(ended, limits, program.wall_seconds))
    return Told(frames, observed, connection.finished)


class FrameReader:
    """Bytes in as they come, bodies of frames out; counted, and not looked into."""

    def __init__(self, limits: Limits) -> None:
        self._limits, self._bytes, self._frames = limits, 0, 0
        self._buffer = FrameBuffer(max_frame_bytes(limits.functions))

    @property
    def is_over_limit(self) -> bool:
        """Whether the child sent more than it may."""
        return self._bytes > self._limits.wire_bytes or self._frames > self._limits.events

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The bodies that the chunk completes; BrokenWire when one is too long."""
        self._bytes += len(chunk)
        for body in self._buffer.feed(chunk):
            self._frames += 1
            yield body


class Feed(Protocol[T_co]):
    """What makes of the bytes of a wire what is waited for."""

    @property
    def is_over_limit(self) -> bool:
        """Whether the child sent more than it may."""

    def feed(self, chunk: bytes) -> Iterator[T_co]:
        """What the chunk completes; BrokenWire when it holds nothing of the kind."""


class ChildConnection(Generic[T]):
    """The descriptors of one child, read as they fill, until the child has finished.

    What comes on its wire is made into something else by `feed`. With `live`, each piece of output
    is an event of its own, and the child may be sent commands until the connection is closed.
    Whoever makes a connection closes it before the child.
    Events are read as they are asked for, so that no more wait here than one chunk holds, and of
    the time of this process a live run gets a tenth. `failed` is called while an exception is
    handled that only a mistake of ours raises.
    """

    def __init__(
        self,
        child: Child,
        limits: Limits,
        feed: Feed[T],
        *,
        live: bool = False,
        failed: Callable[[], None] = lambda: log.exception("a record could not be read"),
        memory_used: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.finished = False  # the child has sent its last event
        self._child, self._live = child, live
        self._request = RequestPipe(child)
        self._feed, self._failed = feed, failed
        self._outputs = (
            Output("stdout", child.stdout, limits.output_bytes),
            Output("stderr", child.stderr, limits.output_bytes),
        )
        self._memory = MemoryWatch(
            child.pid, limits.memory_mb + MEMORY_OVER_MB, lambda: self.end("memory"), memory_used
        )
        self._read: deque[T | Wrote] = deque()
        self._changed = asyncio.Event()
        self._ended = False
        self._limit: str | None = None
        self._protocol_error: str | None = None
        self._loop = asyncio.get_running_loop()
        self._resting = self._reading = self._closed = False
        self._read_wire()
        for output in self._outputs:
            self._loop.add_reader(output.descriptor, self._read_output, output)

    @property
    def unsent_bytes(self) -> int:
        """How much of what was sent the child has not taken yet."""
        return self._request.unsent_bytes

    def send(self, record: Record, *, last: bool = False) -> None:
        """Send the program, or a command; after the `last` record the child reads the end."""
        self._request.write(record, last=last)

    async def next(self) -> T | Wrote | None:
        """What was read next, None when no more will come."""
        while not self._read:
            if self._ended:
                return None
            self._read_wire()
            self._changed.clear()
            await self._changed.wait()
        return self._read.popleft()

    def printed(self) -> list[Printed]:
        """What both streams got, as far as it is kept."""
        return [output.printed() for output in self._outputs]

    def end(self, limit: str | None = None, *, protocol_error: str | None = None) -> None:
        """Read no more; with a reason, if the child did not end by itself, it is killed."""
        if self._ended:
            return
        self._ended, self._limit, self._protocol_error = True, limit, protocol_error
        self._stop_reading()
        if limit or protocol_error:
            self._child.kill()
        self._read_rest()
        self._changed.set()

    def kill(self) -> None:
        """End the child, for a reason that the caller gives."""
        self._child.kill()
        self.end()

    def close(self) -> None:
        """Leave the child's descriptors alone from now on."""
        self._stop_reading()
        self._request.close()

    async def observed_end(self) -> ObservedEnd:
        """How the child ended, as far as this process saw it."""
        ended: Exit | None = None
        protocol_error = self._protocol_error
        try:
            async with asyncio.timeout(EXIT_SECONDS):
                ended = await asyncio.shield(self._child.exited)
        except TimeoutError:  # silent, but not gone
            protocol_error = protocol_error or CLOSED
        except ForkServerLost:
            pass
        return ObservedEnd(self._limit, ended, protocol_error)

    def rest(self, seconds: float) -> None:
        """Read no events for nine times as long as this process worked on one."""
        if seconds > SLOW_SECONDS and not self._ended:
            self._resting = True
            self._pause_wire()
            self._loop.call_later(RESTS * seconds, self._rested)

    def _rested(self) -> None:
        self._resting = False
        self._read_wire()

    def _read_wire(self) -> None:
        if not (self._closed or self._resting or self._reading):
            self._reading = True
            self._loop.add_reader(self._child.wire, self._read_events)

    def _pause_wire(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._child.wire)

    def _stop_reading(self) -> None:
        self._memory.close()
        self._closed = True
        for descriptor in (self._child.wire, self._child.stdout, self._child.stderr):
            self._loop.remove_reader(descriptor)

    def _read_events(self) -> None:
        chunk = read_available(self._child.wire)
        if chunk is None:
            return
        if not chunk:
            self.end()
            return
        started = time.perf_counter()
        try:
            for each in self._feed.feed(chunk):
                self._received(each)
                if self._ended:
                    return
        except BrokenWire as error:
            self.end(protocol_error=str(error))
            return
        except Exception:
            self._failed()
            self.end(protocol_error="the server could not read what it sent")
            return
        if self._feed.is_over_limit:
            self.end("events")
        elif self._read:
            self._pause_wire()
        if self._live:
            self.rest(time.perf_counter() - started)
        self._changed.set()

    def _received(self, read: T) -> None:
        if isinstance(read, Finished) or (isinstance(read, bytes) and read.startswith(FINISHED)):
            self.finished = True
            self._read_rest() if self._live else self.end()
        self._read.append(read)

    def _read_rest(self) -> None:
        """What was written before the end is still in the pipe."""
        for output in self._outputs:
            while not output.is_over_limit and self._read_output(output):
                pass

    def _read_output(self, output: Output) -> bool:
        """Read once; whether there may be more."""
        chunk = output.read()
        if not chunk:
            if chunk is not None:
                self._loop.remove_reader(output.descriptor)
            return False
        if self._live and (wrote := output.wrote(chunk)) is not None:
            self._read.append(wrote)
            self._changed.set()
        if output.is_over_limit:
            self.end("output")
        return True
