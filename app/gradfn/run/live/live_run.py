"""A live run: a program whose events are streamed, and which is paused, changed and evaluated in.

One that nobody watches is stopped after a while; one that has ended is kept for a while, so that
it can be read and evaluated in.
"""

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Literal, NamedTuple, Protocol

from gradfn.events.commands import Command, Enter, Pause, Resume, Step, Stop
from gradfn.events.event_reader import EventReader
from gradfn.events.kinds import (
    Answered,
    ChildEvent,
    ControlsFound,
    Crashed,
    Event,
    FileWritten,
    Finished,
    Halted,
    LimitReached,
    Paused,
    Resumed,
    Timed,
    TrainingRead,
    Wrote,
)
from gradfn.events.limits_met import reached_limit
from gradfn.events.live import Control
from gradfn.events.run import Program
from gradfn.run.connection import ChildConnection
from gradfn.run.exit_reason import exit_reason
from gradfn.run.limits import Limits
from gradfn.run.live.evaluations import ANSWER_SECONDS, Evaluations, NotAnswered
from gradfn.run.live.event_stream import EventStream
from gradfn.run.live.run_events import RunEvents
from gradfn.run.live.watchers import Watchers
from gradfn.run.pool import Pool, PoolClosed, PoolFull

STOP_SECONDS = 5.0  # for the program to stop by itself
UNSENT_BYTES = 262_144
GIVEN_UP = "The server was full, and somebody who had no live run was given the place of this one."
OUR_MISTAKE = "A mistake of ours ended the run; it was logged."

Status = Literal["waiting", "running", "paused", "ended"]


class InvalidState(Exception):
    """The run is in no state for this; the message says in which it is."""


class StreamEvent(NamedTuple):
    """An event as it goes into the stream: its name, JSON, and the slot in which it replaces."""

    name: str
    data: bytes
    slot: str | None = None


class StreamEncoder(Protocol):
    """Writes the events of one run for the stream."""

    def encode(self, event: Event) -> StreamEvent | None:
        """The event; None for one that is not streamed."""

    async def encode_end(self, events: list[Event], code: str) -> StreamEvent:
        """The last event of the stream, of a run that amounts to these events."""

    def encode_crash(self) -> StreamEvent:
        """The last event of a run that a mistake of ours ended; while it is handled."""

    def mistake(self, step: str) -> None:
        """An exception is handled that only a mistake of ours raises."""


class LiveRun:
    """One run, from its program until it is forgotten, with its status and the commands it takes.

    Its events are in `stream`, the clients that follow it in `watchers`.
    """

    status: Status

    def __init__(
        self,
        program: Program,
        client: str,
        owner: str,
        pool: Pool,
        limits: Limits,
        encoder: Callable[[str, str], StreamEncoder],
        forget: Callable[["LiveRun"], None],
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.code, self.client, self.status = program.code, client, "waiting"
        self.owner = owner  # a secret
        self.controls: dict[str, Control] = {}
        self.asks = False  # it waits for a line of input
        self.ended_at: float | None = None
        self.used_at = time.monotonic()  # when somebody last sent it something
        self.is_given_up = False
        self.stream = EventStream()
        self.watchers = Watchers(limits.live_alone_seconds, self._stop_unwatched)
        self._events, self._evaluations = RunEvents(), Evaluations()
        self._encoder, self._forget = encoder(self.id, client), forget
        self._forget_timer: asyncio.TimerHandle | None = None
        self._connection: ChildConnection[ChildEvent] | None = None
        self._reason_known = False  # why the run ends, whatever the child still sends
        self.limits = limits
        self._loop = asyncio.get_running_loop()
        self.task: asyncio.Task[None] | None = self._loop.create_task(self._run(program, pool))

    @property
    def has_ended(self) -> bool:
        """Whether the program is over."""
        return self.ended_at is not None

    @property
    def version(self) -> int:
        """A number that grows whenever the run document would be another one."""
        return self._events.version

    def events(self) -> list[Event]:
        """What the run document is made of, as it stands now."""
        if self.has_ended or self._connection is None:
            return self._events.latest()
        return [*self._events.latest(), *self._connection.printed()]

    def file(self, name: str) -> bytes | None:
        """A file that the program has left; None of one that is not kept."""
        kept = (each for each in self._events.latest() if isinstance(each, FileWritten))
        return next((each.data for each in kept if each.name == name), None)

    def send(self, command: Command) -> None:
        """Send it to the program; InvalidState when the run is in another state than it takes."""
        is_paused = self.status == "paused"
        match command:
            case _ if self.has_ended:
                raise InvalidState("has ended")
            case _ if self._connection is None:
                raise InvalidState("waits for its turn")
            case Pause() if is_paused:
                raise InvalidState("is paused already")
            case Resume() | Step() if not is_paused:
                raise InvalidState("is not paused")
            case Resume() | Step() if self.asks:
                raise InvalidState("waits for input")
            case Enter() if not self.asks:
                raise InvalidState("does not ask for input")
        self.used_at = time.monotonic()
        self._send(command)
        if isinstance(command, Resume | Step | Enter):
            self.asks = False
            self._set_status("running")
        if isinstance(command, Stop):
            self._loop.call_later(STOP_SECONDS, self._kill, Halted(None))

    async def evaluate(self, expression: str) -> tuple[Answered, str]:
        """The answer, and what was printed meanwhile; InvalidState, or NotAnswered."""
        if self.status != "paused" and not self.has_ended:
            raise InvalidState("is not paused")
        if self._connection is None:
            raise InvalidState("is not kept any more")
        self.used_at = time.monotonic()
        try:
            return await self._evaluations.evaluate(expression, self._send)
        except TimeoutError:
            self._kill(_took_too_long("An expression took", ANSWER_SECONDS))
            raise NotAnswered(
                "The expression took too long and could not be interrupted, so the run was ended."
            ) from None

    def give_up(self) -> None:
        """End it for others who wait for its place; what there is of it can still be read."""
        self.is_given_up = True
        self._kill(LimitReached("time", GIVEN_UP))

    async def close(self) -> None:
        """End it for good, and the child with it; its watchers get the last event."""
        self.release()
        if not self.has_ended:
            self._add(Halted(None))
            await self._end([])
            self.release()

    def release(self) -> None:
        """Let go of the child, and of all that would keep the run in memory."""
        if self.task is not None:
            self.task.cancel()
            self.task.add_done_callback(self._drop_task)
        self.stream.close()
        self.watchers.close()
        if self._forget_timer is not None:
            self._forget_timer.cancel()

    def _drop_task(self, _: asyncio.Task[None]) -> None:
        self.task = None  # one that was cancelled refers to our frames

    async def _run(self, program: Program, pool: Pool) -> None:
        queued = time.perf_counter()
        try:
            async with pool.live_child() as child:
                feed = EventReader(self.limits.on_wire, live=True)
                self._connection = ChildConnection(
                    child,
                    self.limits,
                    feed,
                    live=True,
                    failed=lambda: self._encoder.mistake("read"),
                )
                try:
                    await self._follow(self._connection, program, queued)
                finally:
                    self._connection.close()
                    self._connection = None
        except (PoolFull, PoolClosed):
            await self._end([])
        except Exception:
            self._end_by_mistake()
        finally:
            self._evaluations.close()

    async def _follow(
        self, connection: ChildConnection[ChildEvent], program: Program, queued: float
    ) -> None:
        """Send the program and handle events, until the child is gone."""
        started = time.perf_counter()
        limits = replace(self.limits.on_wire, wall_seconds=program.wall_seconds)
        seconds = self.limits.live_seconds
        timer = self._loop.call_later(seconds, self._kill, _took_too_long("The run took", seconds))
        self._set_status("running")
        self.stream.append("started", b"{}")

        async def end() -> None:
            waited, took = started - queued, time.perf_counter() - started
            await self._end([*connection.printed(), Timed(waited * 1e3, took * 1e3)])

        try:
            self._send(program)
            while (event := await connection.next()) is not None:
                began = time.perf_counter()
                self._received(event)
                connection.rest(time.perf_counter() - began)
                limit = reached_limit(event, limits)
                if limit is not None:
                    self._add(limit)
                if isinstance(event, Finished):
                    await end()
            if not self.has_ended:
                if not self._reason_known and not connection.finished:
                    observed = await connection.observed_end()
                    self._add(exit_reason(observed, self.limits, seconds))
                await end()
        finally:
            timer.cancel()

    def _received(self, event: Event) -> None:
        match event:
            case Answered():
                self._evaluations.answered(event)
                return
            case Wrote(text=text) if self.has_ended or self._evaluations.pending:
                self._evaluations.printed(text)
                if self.has_ended:
                    return
            case _ if self.has_ended:
                return
            case TrainingRead(values=values, lines=lines):
                self.stream.extend_curve(values, lines)
            case Paused(asks=asks):
                self.asks = asks
                self._set_status("paused")
            case Resumed():
                self._set_status("running")
            case ControlsFound(controls=controls):
                self.controls = {each.name: each for each in controls}
        self._add(event)

    def _add(self, event: Event) -> None:
        self._events.add(event)
        if (encoded := self._encoder.encode(event)) is not None:
            self.stream.append(*encoded)

    async def _end(self, last: list[Event]) -> None:
        try:
            events = [*self._events.latest(), *last]
            name, data, _ = await self._encoder.encode_end(events, self.code)
        except Exception:
            self._end_by_mistake()
            return
        for event in last:
            self._events.add(event)
        self._ended(name, data)

    def _end_by_mistake(self) -> None:
        """Whatever went wrong here, the run takes no place any more and its watchers hear of it."""
        name, data, _ = self._encoder.encode_crash()
        self._events.add(Crashed("crash", OUR_MISTAKE))
        self._ended(name, data)

    def _ended(self, name: str, data: bytes) -> None:
        if self.has_ended:
            return
        self.ended_at = time.monotonic()
        self._set_status("ended")
        self._forget_timer = self._loop.call_later(
            self.limits.live_kept_seconds, self._forget, self
        )
        self.stream.end(name, data)

    def _set_status(self, status: Status) -> None:
        self.status = status
        self._events.version += 1  # it is in the document

    def _send(self, record: Command | Program) -> None:
        connection = self._connection
        if connection is None:
            raise InvalidState("has ended")
        if connection.unsent_bytes > UNSENT_BYTES:
            raise InvalidState("does not read its commands")
        connection.send(record)

    def _kill(self, reason: Halted | LimitReached) -> None:
        """End the child, and for this reason the run, if it has not ended."""
        connection = self._connection
        if connection is None:
            return
        if not (self.has_ended or connection.finished or self._reason_known):
            self._add(reason)
            self._reason_known = True
        elif isinstance(reason, Halted):
            return  # it ended by itself, and can still evaluate
        connection.kill()

    def _stop_unwatched(self) -> None:
        if self.watchers.count:
            return
        if self._connection is None and not self.has_ended:
            self.watchers.ask_again()  # it waits for its turn, and is not to have one for nobody
            return
        with suppress(InvalidState):
            self.send(Stop())


def _took_too_long(what: str, seconds: float) -> LimitReached:
    return LimitReached("time", f"{what} longer than {seconds:g} s.")
