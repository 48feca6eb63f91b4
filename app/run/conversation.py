"""One run, seen from outside: the program goes in, events come out, limits are kept.

Nothing that comes from the child is believed: it is counted, decoded strictly, and how the
child ended is judged by what this process saw.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator

from app.events.kinds import Event, Finished, Printed, Program
from app.events.wire import BrokenWire, Frames, encode_program
from app.run.forkserver import Child, Exit, ForkServerLost
from app.run.limits import Limits
from app.run.verdict import Evidence, judge, limit_behind

CHUNK_BYTES = 2**18
EXIT_SECONDS = 1.0


async def converse(child: Child, program: Program, limits: Limits) -> AsyncGenerator[Event]:
    """Everything the child tells, then what was printed, then the verdict if it needs one."""
    talk = _Talk(child, limits)
    talk.listen()
    deadline = talk.loop.call_later(program.wall_seconds + limits.grace_seconds, talk.end, "time")
    try:
        # Before anything is read: a child says nothing until it has all of its program.
        await _send(child, encode_program(program))
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
        yield judge(await _evidence(talk, child), limits, program.wall_seconds)


class _Talk:
    """The descriptors of one child, read as they fill, until the child has finished."""

    def __init__(self, child: Child, limits: Limits) -> None:
        self.loop = asyncio.get_running_loop()
        self.finished = False
        self.ended_by: str | None = None  # the limit for which we ended the child
        self.broken: str | None = None
        self._child, self._limits = child, limits
        self._frames = Frames()
        self._events: deque[Event] = deque()
        self._told_events = self._told_bytes = 0
        self._output = {child.stdout: bytearray(), child.stderr: bytearray()}
        self._changed = asyncio.Event()
        self._over = False

    def listen(self) -> None:
        self.loop.add_reader(self._child.wire, self._read_wire)
        for stream in self._output:
            self.loop.add_reader(stream, self._read_output, stream)

    def hang_up(self) -> None:
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
        for stream in self._output:  # what was written before the end is still in the pipe
            while self._output_has_room(stream) and self._read_output(stream):
                pass
        self._changed.set()

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
        self._events.append(event)
        if isinstance(event, Finished):
            self.finished = True
            self.end()

    def _read_output(self, stream: int) -> bool:
        """Read once; whether there may be more."""
        chunk = _read(stream)
        if not chunk:
            if chunk is not None:
                self.loop.remove_reader(stream)
            return False
        self._output[stream] += chunk
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


async def _evidence(talk: _Talk, child: Child) -> Evidence:
    """What there is to judge by, once the child is silent."""
    ended: Exit | None = None
    broken = talk.broken
    try:
        async with asyncio.timeout(EXIT_SECONDS):
            ended = await asyncio.shield(child.exited)
    except TimeoutError:  # silent, but not gone
        broken = broken or "it was closed"
    except ForkServerLost:
        pass
    return Evidence(talk.ended_by, ended, broken)
