"""A live run: its child, its log and its watchers, from the program to the end of its being kept.

One that nobody watches is stopped after a while; one that has ended is kept for a while, so that
it can be read and asked.
"""

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal, Protocol

from gradfn.events.commands import Ask, Command, Pause, Resume, Step, Stop
from gradfn.events.kinds import (
    Answered,
    ControlsFound,
    Event,
    Finished,
    GraphMoved,
    GraphSeen,
    Halted,
    LimitReached,
    Paused,
    Program,
    Resumed,
    StateSeen,
    Timed,
    ViewsFound,
    Wrote,
)
from gradfn.events.live import Control
from gradfn.events.wire import encode
from gradfn.run.conversation import Talk
from gradfn.run.forkserver import Child
from gradfn.run.limits import Limits
from gradfn.run.log import START, Log
from gradfn.run.pool import Pool, PoolClosed, PoolFull
from gradfn.run.verdict import judge, limit_behind

TICK_SECONDS = 1 / 30
PING_SECONDS = 15.0
PING = b": still here\n\n"
ANSWER_SECONDS = 5.0  # the child itself gives up after two
STOP_SECONDS = 5.0  # to tell what there is
UNSENT_BYTES = 262_144

Status = Literal["waiting", "running", "paused", "ended"]
NOT_KEPT = (
    StateSeen,
    ViewsFound,
    ControlsFound,
    Wrote,
    Paused,
    Resumed,
    Answered,
    GraphSeen,
    GraphMoved,
)


class DoesNotFit(Exception):
    """The run is in no state for this order; the message says in which it is."""


class NoAnswer(Exception):
    """An expression was not answered in time, and the child is gone for it."""


class StreamEncoder(Protocol):
    """Puts the events of one run into the words of the stream: a name, JSON, a slot."""

    def tell(self, event: Event) -> tuple[str, bytes, str | None] | None: ...

    async def finish(self, events: list[Event], code: str) -> tuple[str, bytes]: ...


class LiveRun:
    """One run, from its program to the end of its being kept."""

    def __init__(
        self,
        program: Program,
        client: str,
        pool: Pool,
        limits: Limits,
        narrator: Callable[[str], StreamEncoder],
        forget: Callable[["LiveRun"], None],
    ) -> None:
        self._forget, self.code = forget, program.code
        self.id = secrets.token_urlsafe(16)
        self.client, self.status, self.watchers = client, "waiting", 0
        self.log = Log(time.time_ns() // 1_000)
        self.controls: dict[str, Control] = {}
        self.ended_at: float | None = None
        self._program, self._pool, self._limits = program, pool, limits
        self._narrator = narrator(self.id)
        self._kept: list[Event] = []
        self._graph: GraphSeen | None = None
        self._moved: GraphMoved | None = None  # in it, since
        self._talk: Talk | None = None
        self._child: Child | None = None
        self._unsent = bytearray()
        self._answers: dict[int, asyncio.Future[Answered]] = {}
        self._asked = 0
        self._printed_after: list[str] = []
        self._loop = asyncio.get_running_loop()
        self._tick: asyncio.Future[bytes] = self._loop.create_future()
        self._published = 0.0
        self._publishing: asyncio.TimerHandle | None = None
        self._alone: asyncio.TimerHandle | None = None
        self._keeping: asyncio.TimerHandle | None = None
        self._pinging = self._loop.call_later(PING_SECONDS, self._ping)
        self._watch_for_nobody()
        self.task = self._loop.create_task(self._live())

    status: Status

    @property
    def events(self) -> list[Event]:
        """What the run document is made of, as it stands now."""
        printed = self._talk.printed() if self._talk is not None and not self.has_ended else []
        graph = self._graph and (self._graph.after(self._moved) if self._moved else self._graph)
        return [*([graph] if graph else []), *self._kept, *printed]

    @property
    def has_ended(self) -> bool:
        """Whether the program is over."""
        return self.ended_at is not None

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a child that waits for expressions."""
        waits = self.status == "paused" or self.has_ended
        return waits and self._child is not None

    def order(self, order: Command) -> None:
        """Pass it on; DoesNotFit when the run is in another state than it takes."""
        holds = self.status == "paused"
        match order:
            case _ if self.has_ended or self._child is None:
                raise DoesNotFit("waits for its turn" if not self.has_ended else "has ended")
            case Pause() if holds:
                raise DoesNotFit("is paused already")
            case Resume() | Step() if not holds:
                raise DoesNotFit("is not paused")
        self._send(order)
        if isinstance(order, Resume | Step):
            self.status = "running"
        if isinstance(order, Stop):
            self._loop.call_later(STOP_SECONDS, self._kill, Halted(None))

    async def ask(self, expression: str) -> tuple[Answered, str]:
        """The answer, and what was printed meanwhile; DoesNotFit, or NoAnswer."""
        if not self.can_be_asked:
            raise DoesNotFit("is not paused" if not self.has_ended else "is not kept any more")
        self._asked += 1
        self._printed_after.clear()
        answer: asyncio.Future[Answered] = self._loop.create_future()
        self._answers[number := self._asked] = answer
        try:
            self._send(Ask(number, expression))
            answered = await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError:
            self._kill(_took_too_long("An expression took", ANSWER_SECONDS))
            raise NoAnswer from None
        finally:
            del self._answers[number]
        return answered, "".join(self._printed_after)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Meanwhile somebody looks on, so the run is not stopped for being alone."""
        self.watchers += 1
        if self._alone is not None:
            self._alone.cancel()
        try:
            yield
        finally:
            self.watchers -= 1
            if not self.watchers:
                self._watch_for_nobody()

    async def batches(self, last_id: str | None) -> AsyncIterator[bytes]:
        """All events after that one, and those to come, to the last."""
        place = self.log.place_of(last_id) if last_id else START
        if place is None:
            yield b'event: reset\ndata: {"why": "the last event was of another run"}\n\n'
            place = START
        while True:
            tick = self._tick
            if place.seq != self.log.end.seq:
                batch, place = self.log.since(place), self.log.end
                yield batch
            if self.has_ended and not self.log.is_behind:
                return
            if (ping := await asyncio.shield(tick)) and place.seq == self.log.end.seq:
                yield ping

    async def close(self) -> None:
        """End it for good, and the child with it; who watches is told."""
        self.drop()
        if not self.has_ended:
            self._keep(Halted(None))
            await self._end([])
            self.drop()

    def drop(self) -> None:
        """Let go of the child, and of the timers."""
        self.task.cancel()
        for timer in (self._alone, self._publishing, self._pinging, self._keeping):
            if timer is not None:
                timer.cancel()

    async def _live(self) -> None:
        asked = time.perf_counter()
        try:
            async with self._pool.live_child() as child:
                self._child = child
                await self._converse(child, asked)
        except (PoolFull, PoolClosed):
            await self._end([])
        finally:
            self._child = None
            for answer in self._answers.values():
                answer.cancel()

    async def _converse(self, child: Child, asked: float) -> None:
        self._talk = talk = Talk(child, self._limits, live=True)
        started = time.perf_counter()
        talk.listen()
        talk.watch_memory()
        most = self._limits.live_seconds
        cut = self._loop.call_later(most, self._kill, _took_too_long("The run took", most))
        self.status = "running"
        self.log.append("started", b"{}")
        try:
            self._send(self._program)
            while (event := await talk.next_event()) is not None:
                self._hear(event)
                limit = limit_behind(event, self._limits, self._program.wall_seconds)
                if limit is not None:
                    self._keep(limit)
                if isinstance(event, Finished):
                    await self._finish(talk, started - asked, time.perf_counter() - started)
            if not self.has_ended:
                if not talk.finished:
                    self._keep(judge(await talk.evidence(), self._limits, most))
                await self._finish(talk, started - asked, time.perf_counter() - started)
        finally:
            cut.cancel()
            talk.hang_up()
            with contextlib.suppress(KeyError, ValueError):
                self._loop.remove_writer(child.request)

    def _hear(self, event: Event) -> None:
        match event:
            case Answered(number=number):
                if (answer := self._answers.get(number)) is not None and not answer.done():
                    answer.set_result(event)
                return
            case Wrote(text=text) if self.has_ended or self._answers:
                self._printed_after.append(text)
                if self.has_ended:
                    return
            case _ if self.has_ended:
                return
            case StateSeen(values=values, lines=lines):
                self.log.grow(values, lines)
            case Paused():
                self.status = "paused"
            case Resumed():
                self.status = "running"
            case GraphSeen():
                self._graph, self._moved = event, None
            case GraphMoved():
                self._moved = event
            case ControlsFound(controls=controls):
                self.controls = {each.name: each for each in controls}
        self._keep(event)

    def _keep(self, event: Event) -> None:
        if not isinstance(event, NOT_KEPT):
            self._kept.append(event)
        told = self._narrator.tell(event)
        if told is not None:
            self.log.append(*told)
            self._publish_soon()

    async def _finish(self, talk: Talk, waited: float, took: float) -> None:
        await self._end([*talk.printed(), Timed(waited * 1e3, took * 1e3)])

    async def _end(self, last: list[Event]) -> None:
        told = await self._narrator.finish([*self._kept, *last], self.code)
        self._kept += last
        self.ended_at = time.monotonic()
        self._keeping = self._loop.call_later(self._limits.live_kept_seconds, self._forget, self)
        self.status = "ended"
        self.log.append(*told)
        self._publish()

    def _send(self, record: Command | Program) -> None:
        if len(self._unsent) > UNSENT_BYTES:
            raise DoesNotFit("does not listen")
        self._unsent += encode(record)
        self._write()

    def _write(self) -> None:
        child = self._child
        if child is None:
            return
        try:
            del self._unsent[: os.write(child.request, self._unsent)]
        except BlockingIOError:
            pass
        except OSError:  # its end is judged by those who read
            self._unsent.clear()
        if self._unsent:
            self._loop.add_writer(child.request, self._write)
        else:
            self._loop.remove_writer(child.request)

    def _kill(self, why: Halted | LimitReached) -> None:
        """End the child, and the run with it if it has not ended."""
        if self._talk is None:
            return
        if not self.has_ended and not self._talk.finished:
            self._keep(why)
            self._talk.finished = True
        elif isinstance(why, Halted):
            return  # it ended by itself, and can still be asked
        if self._child is not None:
            self._child.kill()
        self._talk.end()

    def _watch_for_nobody(self) -> None:
        self._alone = self._loop.call_later(self._limits.live_alone_seconds, self._stop_alone)

    def _stop_alone(self) -> None:
        if not self.watchers and not self.has_ended:
            with contextlib.suppress(DoesNotFit):
                self.order(Stop())

    def _publish_soon(self) -> None:
        if self._publishing is None:
            wait = max(0.0, self._published + TICK_SECONDS - self._loop.time())
            self._publishing = self._loop.call_later(wait, self._publish)

    def _publish(self) -> None:
        if self._publishing is not None:
            self._publishing.cancel()
        self._publishing, self._published = None, self._loop.time()
        self.log.publish()
        self._wake(b"")

    def _ping(self) -> None:
        self._wake(PING)
        self._pinging = self._loop.call_later(PING_SECONDS, self._ping)

    def _wake(self, ping: bytes) -> None:
        tick, self._tick = self._tick, self._loop.create_future()
        tick.set_result(ping)


def _took_too_long(what: str, seconds: float) -> LimitReached:
    return LimitReached("time", f"{what} longer than {seconds:g} s.")
