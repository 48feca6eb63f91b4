"""Ready children, handed out one a run, and what happens when there are none."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from gradfn.events.kinds import Timed
from gradfn.events.reading import Ran, pack_events
from gradfn.events.run import Program
from gradfn.run.connection import told_by_child
from gradfn.run.folder import sweep_folders
from gradfn.run.fork_servers import ForkedAhead, ForkServers
from gradfn.run.forkserver import Child
from gradfn.run.idle import IdleWatch
from gradfn.run.limits import Limits
from gradfn.run.memory import SharedMemory
from gradfn.run.turns import Turn, Turns

RETRY_SECONDS = 2
IDLE_SECONDS = 0.02  # without a run; then children that wait rehearse


class PoolFull(Exception):
    """As many runs wait as may wait; try again after `retry_seconds`."""

    retry_seconds = RETRY_SECONDS


class PoolClosed(Exception):
    """No program runs any more: the server ends. Another may take it after `retry_seconds`."""

    retry_seconds = RETRY_SECONDS


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the pool, and since when it was waited for."""

    queued: float
    turn: Turn


class Pool:
    """Runs programs, each in a child of its own, forked ahead and used once.

    `jailed=False`: also where the kernel has no seccomp.
    """

    def __init__(self, limits: Limits, *, jailed: bool = True) -> None:
        self.limits = limits
        self.forks = ForkServers("gradfn.child", _told(limits, jailed))
        self._ahead = ForkedAhead(
            self.forks,
            limits.ready_children,
            self._came,
            lambda child: self._cold.discard(child),
            self._none_for_now,
        )
        self._ready = self._ahead.waiting
        self._cold: set[Child] = set()  # of these, the ones that have not rehearsed
        self._rehearsal: asyncio.TimerHandle | None = None
        self._waiting: deque[asyncio.Future[Child]] = deque()
        self._waiting_live: deque[asyncio.Future[Child]] = deque()
        self._turns = Turns(
            limits.running_children, limits.client_running_children, limits.beside_children
        )
        self._beside = SharedMemory(limits.beside_memory_mb)
        self._live: set[Child] = set()  # beside those that are busy: a live run takes its time
        self._busy: set[Child] = set()
        self._place_of: dict[Child, Place | None] = {}
        self._closed = self._ended = False

    def start(self) -> None:
        """Start the fork server; programs that come before it is warm wait for it."""
        sweep_folders()
        self.forks.start(self._ahead)

    def close(self, seconds: float) -> None:
        """Take no more runs: those that wait get PoolClosed now, the others when time is up."""
        self._closed = True
        self._ahead.close()
        self._refuse_waiting(PoolClosed)
        asyncio.get_running_loop().call_later(seconds, self._end_runs)

    def _end_runs(self) -> None:
        self._ended = True
        for child in self._busy | self._live:
            child.kill()

    async def stop(self) -> None:
        """End every process of ours."""
        await self.forks.stop()
        for future in (*self._waiting, *self._waiting_live):
            future.cancel()
        if self._rehearsal is not None:
            self._rehearsal.cancel()
        self._ahead.discard()

    @property
    def closed(self) -> bool:
        """Whether no more runs are taken."""
        return self._closed

    @property
    def ready(self) -> int:
        """How many children wait for a program."""
        return len(self._ready)

    @property
    def running(self) -> int:
        """How many programs run."""
        return len(self._busy)

    @property
    def waiting(self) -> int:
        """How many programs wait for a child."""
        return len(self._waiting) + self._turns.waiting

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[Place]:
        """A place to run a program and to have it read, when it is the client's turn.

        PoolFull when it cannot be taken, PoolClosed when the server ends.
        """
        if self._closed:
            raise PoolClosed
        if self.waiting >= self.limits.waiting_runs:
            raise PoolFull
        queued = time.perf_counter()
        async with self._turns.place(client) as turn:
            yield Place(queued, turn)

    async def run(self, program: Program, place: Place | None = None) -> Ran:
        """The run of the program, to its end.

        PoolFull when it cannot be taken, PoolClosed when the server ends before it. Cancelling
        ends the run.
        """
        queued = time.perf_counter() if place is None else place.queued
        async with self._child(place) as child:
            started = time.perf_counter()
            program = program.within(self.limits.cpu_seconds)

            def is_one_too_many(used_kib: int) -> bool:
                is_beside = place is not None and place.turn.is_beside
                return is_beside and self._beside.is_too_much(child.pid, used_kib)

            told = await told_by_child(child, program, self.limits, is_one_too_many)
            if self._ended:
                raise PoolClosed
            ended = time.perf_counter()
        timed = Timed((started - queued) * 1e3, (ended - started) * 1e3)
        return Ran(
            code=program.code,
            limits=replace(self.limits.on_wire, wall_seconds=program.wall_seconds),
            frames=tuple(told.frames),
            told=pack_events([*told.observed, timed]),
            finished=told.finished,
        )

    @asynccontextmanager
    async def _child(self, place: Place | None) -> AsyncIterator[Child]:
        child = await self._take(self._waiting, self.limits.waiting_runs, self._busy)
        self._place_of[child] = place
        idle = None if place is None else IdleWatch(child.pid, place.turn.may_move)
        try:
            yield child
        finally:
            if idle is not None:
                idle.close()
            del self._place_of[child]
            self._beside.left(child.pid)
            child.kill()
            child.close()
            self._busy.remove(child)
            self._assign_children()

    @asynccontextmanager
    async def live_child(self) -> AsyncIterator[Child]:
        """A child for a live run, beside those that run programs; the caller limits how many."""
        child = await self._take(self._waiting_live, self.limits.live_runs, self._live)
        try:
            yield child
        finally:
            child.kill()
            child.close()
            self._live.remove(child)

    async def _take(
        self, waiting: "deque[asyncio.Future[Child]]", most: int, taken: set[Child]
    ) -> Child:
        if self._closed:
            raise PoolClosed
        if len(waiting) >= most:
            raise PoolFull
        turn: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        self._assign_children()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn in waiting:
                waiting.remove(turn)
            elif turn.done() and not turn.cancelled() and turn.exception() is None:
                turn.result().discard()
                taken.remove(turn.result())
                self._assign_children()
            raise

    def _assign_children(self) -> None:
        """Give ready children to waiting runs, and have new ones made."""
        while self._ready and self._waiting_live:
            self._assign_one(self._waiting_live, self._live)
        while self._ready and self._waiting and self._in_places < self.limits.running_children:
            self._assign_one(self._waiting, self._busy)
        self._ahead.refill()
        self._rehearse_when_idle()

    @property
    def _in_places(self) -> int:
        """How many programs run, without those that were moved beside."""
        places = self._place_of.values()
        return self.running - sum(place.turn.is_beside for place in places if place is not None)

    def _assign_one(self, waiting: "deque[asyncio.Future[Child]]", taken: set[Child]) -> None:
        turn = waiting.popleft()
        if not turn.done():
            child = self._ready.popleft()
            self._cold.discard(child)
            taken.add(child)
            turn.set_result(child)

    def _rehearse_when_idle(self) -> None:
        """Let cold children rehearse once nothing runs, for then they delay no program."""
        if self._rehearsal is not None:
            self._rehearsal.cancel()
        loop = asyncio.get_running_loop()
        self._rehearsal = loop.call_later(IDLE_SECONDS, self._rehearse) if self._cold else None

    def _rehearse(self) -> None:
        if not self._busy and not self._waiting:
            for child in self._cold:
                child.rehearse()
            self._cold.clear()

    def _refuse_waiting(self, why: type[Exception]) -> None:
        """No run waits for a child that will not come."""
        self._turns.refuse(why)
        for waiting in (self._waiting, self._waiting_live):
            for turn in waiting:
                if not turn.done():
                    turn.set_exception(why())
            waiting.clear()

    def _none_for_now(self) -> None:
        """The runs that end give processes back; where there are none, nobody waits for that."""
        if not (self._busy or self._live or self._ready):
            self._refuse_waiting(PoolFull)

    def _came(self, child: Child) -> None:
        self._cold.add(child)
        self._assign_children()


def _told(limits: Limits, jailed: bool) -> tuple[int, ...]:
    """What the fork server is told: bytes, seconds, descriptors, whether there must be a jail."""
    cpu_seconds = max(limits.cpu_seconds, limits.live_cpu_seconds)  # a program gets its own share
    return limits.memory_mb * 2**20, cpu_seconds, limits.open_files, int(jailed)
