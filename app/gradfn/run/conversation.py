"""One run, seen from outside: the program goes in, events come out, limits are kept.

Nothing that comes from the child is believed: it is counted, decoded strictly, and how the
child ended is judged by what this process saw.
"""

import asyncio
import codecs
import os
from collections import deque
from collections.abc import AsyncGenerator

from gradfn.events.kinds import (
    Event,
    Finished,
    GraphWalked,
    Printed,
    Program,
    Recorded,
    TensorsRead,
    VariablesBound,
    Wrote,
)
from gradfn.events.wire import BrokenWire, Frames, encode
from gradfn.run.forkserver import Child, Exit, ForkServerLost
from gradfn.run.limits import Limits
from gradfn.run.memory import memory_kib
from gradfn.run.verdict import CLOSED, Evidence, judge, limit_behind

CHUNK_BYTES = 2**18
EXIT_SECONDS = 1.0
# The child has limits of its own, but the kernel does not count everything towards them. Beyond
# them: its reserve of 256 MB, and some for libraries that are loaded late.
MEMORY_SECONDS, MEMORY_OVER_MB = 0.25, 320
# The large ones: only the last would count.
TOLD_ONCE = (GraphWalked, TensorsRead, VariablesBound, Recorded)


async def converse(child: Child, program: Program, limits: Limits) -> AsyncGenerator[Event]:
    """Everything the child tells, then what was printed, then the verdict if it needs one."""
    talk = Talk(child, limits)
    talk.listen()
    talk.watch_memory()
    deadline = talk.loop.call_later(program.wall_seconds + limits.grace_seconds, talk.end, "time")
    try:
        # Before anything is read: a child says nothing until it has all of its program.
        await _send(child, encode(program))
        while (event := await talk.next_event()) is not None:
            yield event
            if (limit := limit_behind(event, limits, program.wall_seconds)) is not None:
                yield limit
    finally:
        deadline.cancel()
        talk.hang_up()
    for printed in talk.printed():
        yield printed
    if not talk.finished:
        yield judge(await talk.evidence(), limits, program.wall_seconds)


class Talk:
    """The descriptors of one child, read as they fill, until the child has finished.

    With `live`, what it prints is told as it comes, and it may be asked things when it has
    finished, until it is hung up on.
    """

    def __init__(self, child: Child, limits: Limits, *, live: bool = False) -> None:
        self._live = live
        self._decoders = {
            child.stdout: codecs.getincrementaldecoder("utf-8")("replace"),
            child.stderr: codecs.getincrementaldecoder("utf-8")("replace"),
        }
        self.loop = asyncio.get_running_loop()
        self.finished = False
        self.ended_by: str | None = None  # the limit for which we ended the child
        self.broken: str | None = None
        self._child, self._limits = child, limits
        self._frames = Frames(limits.functions)
        self._events: deque[Event] = deque()
        self._told_events = self._told_bytes = 0
        self._told_once: set[type[Event]] = set()
        self._output = {child.stdout: bytearray(), child.stderr: bytearray()}
        self._changed = asyncio.Event()
        self._over = False
        self._watch: asyncio.TimerHandle | None = None
        self._memory_kib = memory_kib(child.pid) + 1024 * (limits.memory_mb + MEMORY_OVER_MB)

    def listen(self) -> None:
        self.loop.add_reader(self._child.wire, self._read_wire)
        for stream in self._output:
            self.loop.add_reader(stream, self._read_output, stream)

    def watch_memory(self) -> None:
        """End the child when it holds more than it may, asked four times a second."""
        if self._watch is not None and memory_kib(self._child.pid) > self._memory_kib:
            self.end("memory")
        if not self._over:
            self._watch = self.loop.call_later(MEMORY_SECONDS, self.watch_memory)

    def hang_up(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        for descriptor in (self._child.wire, *self._output):
            self.loop.remove_reader(descriptor)

    async def next_event(self) -> Event | None:
        """The next event, None when no more will come."""
        while not self._events:
            if self._over:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._events.popleft()

    def printed(self) -> list[Printed]:
        """What both streams got, as far as it is kept."""
        most = self._limits.output_bytes
        out, err = self._output.values()
        return [
            Printed("stdout", _text(out[:most]), len(out) > most),
            Printed("stderr", _text(err[:most]), len(err) > most),
        ]

    def end(self, limit: str | None = None, *, broken: str | None = None) -> None:
        """No more is read; `limit` or `broken` says why, if the child did not end by itself."""
        if self._over:
            return
        self._over, self.ended_by, self.broken = True, limit, broken
        self.hang_up()
        if limit or broken:
            self._child.kill()
        self._read_rest()
        self._changed.set()

    async def evidence(self) -> Evidence:
        """What there is to judge by, once the child is silent."""
        ended: Exit | None = None
        broken = self.broken
        try:
            async with asyncio.timeout(EXIT_SECONDS):
                ended = await asyncio.shield(self._child.exited)
        except TimeoutError:  # silent, but not gone
            broken = broken or CLOSED
        except ForkServerLost:
            pass
        return Evidence(self.ended_by, ended, broken)

    def _read_rest(self) -> None:
        """What was written before the end is still in the pipe."""
        for stream in self._output:
            while self._output_has_room(stream) and self._read_output(stream):
                pass

    def _read_wire(self) -> None:
        chunk = _read(self._child.wire)
        if chunk is None:
            return
        if not chunk:
            self.end()
            return
        self._told_bytes += len(chunk)
        try:
            for event in self._frames.feed(chunk):
                self._told_events += 1
                self._hear(event)
        except BrokenWire as error:
            self.end(broken=str(error))
            return
        limits = self._limits
        if self._told_bytes > limits.wire_bytes or self._told_events > limits.events:
            self.end("events")
        self._changed.set()

    def _hear(self, event: Event) -> None:
        if self._over:
            return
        if isinstance(event, TOLD_ONCE):
            if type(event) in self._told_once:
                raise BrokenWire(f"{type(event).__name__} came twice")
            self._told_once.add(type(event))
        if isinstance(event, Finished):
            if self.finished:
                raise BrokenWire("Finished came twice")
            self.finished = True
            if self._live:
                self._read_rest()
                self._events.append(event)
                return
            self.end()
        self._events.append(event)

    def _read_output(self, stream: int) -> bool:
        """Read once; whether there may be more."""
        chunk = _read(stream)
        if not chunk:
            if chunk is not None:
                self.loop.remove_reader(stream)
            return False
        self._output[stream] += chunk
        if self._live and (text := self._decoders[stream].decode(chunk)):
            self._events.append(Wrote("stdout" if stream == self._child.stdout else "stderr", text))
            self._changed.set()
        if not self._output_has_room(stream):
            self.end("output")
        return True

    def _output_has_room(self, stream: int) -> bool:
        return len(self._output[stream]) <= self._limits.output_bytes


def _text(raw: bytearray) -> str:
    return raw.decode("utf-8", "replace")


def _read(descriptor: int) -> bytes | None:
    """The next bytes, b"" at the end, None when there are none yet."""
    try:
        return os.read(descriptor, CHUNK_BYTES)
    except BlockingIOError:
        return None


async def _send(child: Child, body: bytes) -> None:
    """Write the program to the child, which may be slow to read it or be gone."""
    loop = asyncio.get_running_loop()
    rest = memoryview(body)
    try:
        while rest:
            try:
                rest = rest[os.write(child.request, rest) :]
            except BlockingIOError:
                writable = asyncio.Event()
                loop.add_writer(child.request, writable.set)
                try:
                    await writable.wait()
                finally:
                    loop.remove_writer(child.request)
    except BrokenPipeError:
        pass  # its end is judged by those who read
    finally:
        child.close_request()
