"""Live runs: each with its child, its log and its watchers; all of them, and who makes room.

A run that nobody watches is stopped after a while, one that has ended is kept for a while so that
it can be read and asked, and goes earlier when another needs its place.
"""

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal, Protocol

from app.events.kinds import (
    Answered,
    ControlsFound,
    Event,
    Finished,
    Glimpsed,
    Halted,
    Paused,
    Program,
    Resumed,
    StateSeen,
    Timed,
    ViewsFound,
    Wrote,
)
from app.events.lively import ControlFound
from app.events.orders import Ask, Order, Pause, Resume, Step, Stop
from app.events.wire import encode
from app.run.conversation import Talk
from app.run.forkserver import Child
from app.run.limits import Limits
from app.run.log import START, Log
from app.run.pool import Pool, PoolClosed, PoolFull
from app.run.verdict import judge, limit_behind

TICK_SECONDS = 1 / 30
PING_SECONDS = 15.0
PING = b": still here\n\n"
ANSWER_SECONDS = 5.0  # the child itself gives up after two
STOP_SECONDS = 5.0  # to tell what there is
UNSENT_BYTES = 262_144

Status = Literal["waiting", "running", "paused", "ended"]
NOT_KEPT = (StateSeen, ViewsFound, ControlsFound, Wrote, Paused, Resumed, Answered)


class DoesNotFit(Exception):
    """The run is in no state for this order; the message says in which it is."""


class NoAnswer(Exception):
    """An expression was not answered in time, and the child is gone for it."""


class Narrator(Protocol):
    """Puts the events of one run into the words of the stream: a name, JSON, a slot."""

    def tell(self, event: Event) -> tuple[str, bytes, str | None] | None: ...

    def finish(self, events: list[Event], code: str) -> tuple[str, bytes]: ...


class LiveRun:
    """One run, from its program to the end of its being kept."""

    def __init__(
        self,
        program: Program,
        client: str,
        pool: Pool,
        limits: Limits,
        narrator: Narrator,
        forget: Callable[["LiveRun"], None],
    ) -> None:
        self._forget, self.code = forget, program.code
        self.id = secrets.token_urlsafe(16)
        self.client, self.status, self.watchers = client, "waiting", 0
        self.log = Log(time.time_ns() // 1_000)
        self.controls: dict[str, ControlFound] = {}
        self.ended_at: float | None = None
        self._program, self._pool, self._limits, self._narrator = program, pool, limits, narrator
        self._kept: list[Event] = []
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
        return [*self._kept, *printed]

    @property
    def has_ended(self) -> bool:
        """Whether the program is over."""
        return self.ended_at is not None

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a child that waits for expressions."""
        waits = self.status == "paused" or self.has_ended
        return waits and self._child is not None

    def order(self, order: Order) -> None:
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
            self._loop.call_later(STOP_SECONDS, self._kill, None)

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
            self._kill("time")
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

    def close(self) -> None:
        """End it for good, and the child with it."""
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
            self._end()
        finally:
            self._child = None
            for answer in self._answers.values():
                answer.cancel()

    async def _converse(self, child: Child, asked: float) -> None:
        self._talk = talk = Talk(child, self._limits, live=True)
        started = time.perf_counter()
        talk.listen()
        talk.watch_memory()
        cut = self._loop.call_later(self._limits.live_seconds, self._kill, "time")
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
                    self._finish(talk, started - asked, time.perf_counter() - started)
            if not self.has_ended:
                if not talk.finished:
                    self._keep(
                        judge(await talk.evidence(), self._limits, self._limits.live_seconds)
                    )
                self._finish(talk, started - asked, time.perf_counter() - started)
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
            case ControlsFound(controls=controls):
                self.controls = {each.name: each for each in controls}
        self._keep(event)

    def _keep(self, event: Event) -> None:
        if isinstance(event, Glimpsed):
            self._kept = [each for each in self._kept if not isinstance(each, Glimpsed)]
        if not isinstance(event, NOT_KEPT):
            self._kept.append(event)
        told = self._narrator.tell(event)
        if told is not None:
            self.log.append(*told)
            self._publish_soon()

    def _finish(self, talk: Talk, waited: float, took: float) -> None:
        self._kept += talk.printed()
        self._kept.append(Timed(waited * 1e3, took * 1e3))
        self._end()

    def _end(self) -> None:
        self.ended_at = time.monotonic()
        self._keeping = self._loop.call_later(self._limits.live_kept_seconds, self._forget, self)
        self.status = "ended"
        self.log.append(*self._narrator.finish(self._kept, self.code))
        self._publish()

    def _send(self, record: Order | Program) -> None:
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

    def _kill(self, limit: str | None) -> None:
        if self._talk is None or (limit is None and self.has_ended):
            return
        if limit is None:
            self._keep(Halted(None))
            self._talk.finished = True
        if self._child is not None:
            self._child.kill()
        self._talk.end(limit)

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


class Lives:
    """All live runs of this server."""

    def __init__(self, pool: Pool, narrator: Callable[[], Narrator]) -> None:
        self._pool, self._limits, self._narrator = pool, pool.limits, narrator
        self._runs: dict[str, LiveRun] = {}

    def start(self, program: Program, client: str) -> LiveRun:
        """A new run; PoolFull when no run that takes a place has ended, or PoolClosed."""
        if self._pool.closed:
            raise PoolClosed
        while len(self._runs) >= self._limits.live_runs:
            ended = [run for run in self._runs.values() if run.has_ended and not run.watchers]
            ended = ended or [run for run in self._runs.values() if run.has_ended]
            if not ended:
                raise PoolFull
            self.remove(min(ended, key=lambda run: run.ended_at or 0.0))
        limits = self._limits.of_a_live_run
        run = LiveRun(program, client, self._pool, limits, self._narrator(), self.remove)
        self._runs[run.id] = run
        return run

    def get(self, run_id: str) -> LiveRun | None:
        """The run with this id, if it is kept."""
        return self._runs.get(run_id)

    def remove(self, run: LiveRun) -> None:
        """End a run, and forget it."""
        self._runs.pop(run.id, None)
        run.close()

    def running_of(self, client: str) -> int:
        """How many of a client's runs have not ended."""
        return sum(run.client == client and not run.has_ended for run in self._runs.values())

    @property
    def count(self) -> int:
        """How many are kept."""
        return len(self._runs)

    @property
    def watchers(self) -> int:
        """How many clients watch."""
        return sum(run.watchers for run in self._runs.values())

    def stop_all(self, seconds: float) -> None:
        """Tell each to end before its next line, when so much time has passed."""
        asyncio.get_running_loop().call_later(max(0.0, seconds), self._stop_all)

    def _stop_all(self) -> None:
        for run in self._runs.values():
            with contextlib.suppress(DoesNotFit):
                run.order(Stop())

    async def close(self) -> None:
        """End all for good."""
        runs = list(self._runs.values())
        for run in runs:
            self.remove(run)
        await asyncio.gather(*(run.task for run in runs), return_exceptions=True)
