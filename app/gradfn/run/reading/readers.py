"""Readers: jailed processes that make answers of what children told, one run at a time.

This process moves their bytes and looks into none. A reader is used again after a run without
trouble; one that dies, hangs or breaks the protocol is replaced, and another makes the document
that is left of the run, which says so.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gradfn.events.kinds import Crashed, Event, LimitReached
from gradfn.events.reading import (
    MAX_HEAD_BYTES,
    READER,
    Answer,
    LaidOut,
    LayOut,
    Ran,
    Read,
    pack,
    pack_events,
    unpack_events,
    unpack_head,
)
from gradfn.events.wire import BrokenWire
from gradfn.run.fork_servers import ForkServers
from gradfn.run.forkserver import Child, ForkServerLost, is_busy
from gradfn.run.limits import Limits
from gradfn.run.reading.helpers import Helpers, NoHelper
from gradfn.run.reading.layouts import Layouts, NotLaidOut
from gradfn.run.reading.pipes import receive, send
from gradfn.run.turns import Turns

LOOK_SECONDS, HUNG_SECONDS = 0.5, 1.5  # it neither computes nor waits for us: it hangs
SLOW_SECONDS = 120  # whatever it does
END_SECONDS = 1


class ReaderLost(Exception):
    """A reader has given no answer; the message says what happened to it."""


class Readers:
    """Reads runs, for one client in all readers but one if there are several.

    `asked` is told of pictures as by `Layouts`, `lost` of each reader that was lost, why.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        jailed: bool = True,
        dot: str | None = None,
        asked: Callable[[float | None], None] = lambda _: None,
        lost: Callable[[str], None] = lambda _: None,
    ) -> None:
        told = (limits.reader_memory_mb * 2**20, int(jailed), *([dot] if dot else []))
        self._forks = ForkServers("gradfn.reader", told)
        self._helpers = Helpers(self._forks, READER, limits.readers, reused=True)
        self._layouts = Layouts(self._forks, asked)
        self._turns = Turns(limits.readers, max(1, limits.readers - 1))
        self._most_bytes, self._lost = limits.answer_bytes, lost

    def start(self) -> None:
        """Start the fork server; runs that are to be read meanwhile wait for it."""
        self._forks.start(self._helpers.family, *self._layouts.families)

    async def stop(self) -> None:
        """End every process."""
        await self._forks.stop()
        for family in (self._helpers.family, *self._layouts.families):
            family.discard()

    async def read(self, ran: Ran, read: Read, client: str) -> tuple[Answer, bytes]:
        """What is made of the run, and what must be known of it; NoHelper when none can be had."""
        async with self._turns.place(client):
            try:
                return await self._read(read, ran.told, ran.frames)
            except ReaderLost as error:
                self._lost(str(error))
                why = f"{error} So what the program reported could not be read."
            if read.what not in ("document", "backprop", "finish"):
                problem = Answer("crashed", [], 0, 0, 0, {}, [], problem="not drawn", detail=why)
                return problem, b""
            try:
                return await self._read(read.without_frames(why), _told_of_lost(ran.told, why), ())
            except ReaderLost as error:
                raise NoHelper from error

    async def _read(
        self, read: Read, told: bytes, frames: tuple[bytes, ...]
    ) -> tuple[Answer, bytes]:
        async with self._reader() as reader:
            exchange = asyncio.ensure_future(self._exchange(reader, read, told, frames))
            try:
                await self._watch(reader, exchange)
                return await exchange
            except (OSError, EOFError):
                raise ReaderLost(await _end_of(reader.child)) from None
            except BrokenWire as error:
                raise ReaderLost(f"The process that reads it gave no answer: {error}.") from None
            finally:
                exchange.cancel()

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator["_Reader"]:
        """A reader, for one run; it is used again if that ended well."""
        child = await self._helpers.take()
        reader = _Reader(child)
        try:
            yield reader
        finally:
            if reader.is_good:
                self._helpers.give_back(child)
            else:
                child.close_request()
                self._helpers.discard(child)

    async def _exchange(
        self, reader: "_Reader", read: Read, told: bytes, frames: tuple[bytes, ...]
    ) -> tuple[Answer, bytes]:
        await reader.send(pack(read, told))
        for body in frames:
            await reader.send(len(body).to_bytes(4, "little"), body)
        while True:
            head = unpack_head(await reader.receive(MAX_HEAD_BYTES))
            body = await reader.receive(self._most_bytes)
            if isinstance(head, Answer):
                reader.is_good = not head.spent
                return head, body
            reader.waits_for_us = True
            await reader.send(await self._laid_out(head, body))
            reader.waits_for_us = False

    async def _laid_out(self, asked: LayOut, dot: bytes) -> bytes:
        try:
            return pack(LaidOut(None), await self._layouts.lay_out(dot, asked.format))
        except NotLaidOut as error:
            return pack(LaidOut(str(error)), b"")

    async def _watch(
        self, reader: "_Reader", exchange: "asyncio.Future[tuple[Answer, bytes]]"
    ) -> None:
        """Until the exchange is over; ReaderLost when the reader hangs."""
        idle = looks = 0
        while not (await asyncio.wait({exchange}, timeout=LOOK_SECONDS))[0]:
            looks += 1
            idle = 0 if reader.waits_for_us or is_busy(reader.child.pidfd) else idle + 1
            if idle * LOOK_SECONDS >= HUNG_SECONDS or looks * LOOK_SECONDS > SLOW_SECONDS:
                raise ReaderLost("The process that reads it did not go on and was ended.")


class _Reader:
    """Our side of one, while it reads one run."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.is_good = False  # it has given a whole answer without trouble
        self.waits_for_us = False
        self._buffer = bytearray()

    async def send(self, *parts: bytes) -> None:
        """Send it; OSError when the process is gone."""
        await send(self.child.request, *parts)

    async def receive(self, most: int) -> bytes:
        """The next frame; EOFError at the end, BrokenWire when it is too long."""
        await self._fill(4)
        length = int.from_bytes(self._buffer[:4], "little")
        if length > most:
            raise BrokenWire(f"it has {length:,} bytes, more than {most:,}")
        await self._fill(4 + length)
        with memoryview(self._buffer) as buffer:
            body = bytes(buffer[4 : 4 + length])
        del self._buffer[: 4 + length]
        return body

    async def _fill(self, count: int) -> None:
        while len(self._buffer) < count:
            chunk = await receive(self.child.wire)
            if not chunk:
                raise EOFError
            self._buffer += chunk


async def _end_of(child: Child) -> str:
    """What became of a reader that is gone."""
    try:
        async with asyncio.timeout(END_SECONDS):
            ended = await asyncio.shield(child.exited)
    except (TimeoutError, ForkServerLost):
        return "The process that reads it was lost."
    if not os.WIFSIGNALED(ended.status):
        return f"The process that reads it ended ({os.waitstatus_to_exitcode(ended.status)})."
    number = os.WTERMSIG(ended.status)
    if number == signal.SIGXCPU:
        return "The process that reads it computed too long and was ended."
    return f"The process that reads it was ended by {signal.Signals(number).name}."


def _told_of_lost(told: bytes, why: str) -> bytes:
    """What the server knows of a run, of which that is all there is."""
    events = unpack_events(told)
    others: list[Event] = [event for event in events if not isinstance(event, Crashed)]
    if not any(isinstance(event, LimitReached) for event in events):
        others.append(Crashed("crash", why))
    return pack_events(others)
