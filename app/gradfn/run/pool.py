"""Ready children, handed out one a run, and what happens when there are none."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import aclosing, asynccontextmanager

from gradfn.events.kinds import Event, Timed
from gradfn.events.run import Program
from gradfn.run.connection import run_in_child
from gradfn.run.cores import cores
from gradfn.run.folder import sweep_folders
from gradfn.run.forkserver import Child, ForkServer, ForkServerLost
from gradfn.run.limits import Limits
from gradfn.run.turns import Turns

RETRY_SECONDS = 2
MAX_PAUSE_SECONDS = 5.0
IDLE_SECONDS = 0.02  # without a run; then children that wait rehearse


class PoolFull(Exception):
    """As many runs wait as may wait; try again after `retry_seconds`."""

    retry_seconds = RETRY_SECONDS


class PoolClosed(Exception):
    """No program runs any more: the server ends. Another may take it after `retry_seconds`."""

    retry_seconds = RETRY_SECONDS


class Pool:
    """Runs programs, each in a child of its own, forked ahead and used once.

    `jailed=False`: also where the kernel has no seccomp.
    """

    def __init__(self, limits: Limits, *, jailed: bool = True) -> None:
        self.limits, self._jailed = limits, jailed
        self._ready: deque[Child] = deque()
        self._cold: set[Child] = set()  # of these, the ones that have not rehearsed
        self._rehearsal: asyncio.TimerHandle | None = None
        self._waiting: deque[asyncio.Future[Child]] = deque()
        self._waiting_live: deque[asyncio.Future[Child]] = deque()
        # Beside the programs that run, there are so many that are read and explained.
        self._turns = Turns(limits.running_children + cores(), limits.client_running_children)
        self._live: set[Child] = set()  # beside those that are busy: a live run takes its time
        self._busy: set[Child] = set()
        self._forking = 0
        self._server: ForkServer | None = None
        self._spare: ForkServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = self._ended = self._stopping = False
        self._pause_seconds = 0.0

    def start(self) -> None:
        """Start the fork server; programs that come before it is warm wait for it."""
        sweep_folders()
        self._spawn(self._start_server())

    def close(self, seconds: float) -> None:
        """Take no more runs: those that wait get PoolClosed now, the others when time is up."""
        self._closed = True
        self._refuse_waiting(PoolClosed)
        asyncio.get_running_loop().call_later(seconds, self._end_runs)

    def _end_runs(self) -> None:
        self._ended = True
        for child in self._busy | self._live:
            child.kill()

    async def stop(self) -> None:
        """End every process of ours."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in (self._server, self._spare):
            if server is not None:
                server.stop()
        for future in (*self._waiting, *self._waiting_live):
            future.cancel()
        if self._rehearsal is not None:
            self._rehearsal.cancel()
        while self._ready:
            self._ready.popleft().discard()

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
    async def place(self, client: str) -> AsyncIterator[float]:
        """A place to run a program and to read its events, when it is the client's turn.

        Since when it has waited. PoolFull when it cannot be taken, PoolClosed when the server ends.
        """
        if self._closed:
            raise PoolClosed
        if self.waiting >= self.limits.waiting_runs:
            raise PoolFull
        queued = time.perf_counter()
        async with self._turns.place(client):
            yield queued

    async def run(self, program: Program, queued: float | None = None) -> AsyncGenerator[Event]:
        """The events of the program, to its end; it was `queued` now or before.

        PoolFull when it cannot be taken, PoolClosed when the server ends before it. Closing the
        generator ends the run.
        """
        queued = time.perf_counter() if queued is None else queued
        async with self._child() as child:
            started = time.perf_counter()
            program = program.within(self.limits.cpu_seconds)
            # Closed before the child is, whose descriptors' numbers are then given out again.
            async with aclosing(run_in_child(child, program, self.limits)) as events:
                async for event in events:
                    if self._ended:
                        raise PoolClosed
                    yield event
            ended = time.perf_counter()
        yield Timed((started - queued) * 1e3, (ended - started) * 1e3)

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[Child]:
        child = await self._take(self._waiting, self.limits.waiting_runs, self._busy)
        try:
            yield child
        finally:
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
        while self._ready and self._waiting and self.running < self.limits.running_children:
            self._assign_one(self._waiting, self._busy)
        self._refill()
        self._rehearse_when_idle()

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

    def _refill(self) -> None:
        if self._server is None or self._closed or self._stopping:
            return
        while len(self._ready) + self._forking < self.limits.ready_children:
            self._forking += 1
            self._spawn(self._fork(self._server))

    async def _fork(self, server: ForkServer) -> None:
        try:
            await asyncio.sleep(self._pause_seconds)
            child: Child | None = await server.fork()
        except ForkServerLost:  # its spare may serve already
            child = None
        except OSError:  # no descriptors or processes left: the runs that end give some back
            self._slow_down()
            if not (self._busy or self._live or self._ready):
                self._refuse_waiting(PoolFull)
            child = None
        finally:
            self._forking -= 1
        if child is None:
            self._refill()
            return
        self._ready.append(child)
        self._cold.add(child)
        child.exited.add_done_callback(lambda _: self._died_waiting(child))
        self._assign_children()

    def _died_waiting(self, child: Child) -> None:
        """A child that ends before it had a program is replaced, ever more slowly."""
        if child not in self._ready:
            self._pause_seconds = 0.0
            return
        self._ready.remove(child)
        self._cold.discard(child)
        child.discard()
        if child.exited.exception() is None:  # else it died with its fork server
            self._slow_down()
        self._refill()

    def _slow_down(self) -> None:
        self._pause_seconds = min(MAX_PAUSE_SECONDS, 2 * self._pause_seconds + 0.1)

    async def _start_server(self) -> None:
        while not self._stopping:
            server = ForkServer(self.limits, self._lost, jailed=self._jailed)
            try:
                await server.start()
            except ForkServerLost:
                self._refuse_waiting(PoolFull)
                await asyncio.sleep(1)
            else:
                self._serve_with(server)
                return

    def _serve_with(self, server: ForkServer) -> None:
        self._server = server
        self._pause_seconds = 0.0
        self._refill()
        self._spawn(self._keep_spare(server))

    async def _keep_spare(self, server: ForkServer) -> None:
        with contextlib.suppress(ForkServerLost, OSError):
            self._spare = await server.spare()

    def _lost(self, server: ForkServer) -> None:
        """Another takes its place; the runs it was serving notice that their children are gone."""
        if self._stopping:
            return
        if server is self._spare:
            self._spare = None
            if self._server is not None:
                self._spawn(self._keep_spare(self._server))
            return
        spare, self._server, self._spare = self._spare, None, None
        for child in [each for each in self._ready if each.exited.done()]:
            self._died_waiting(child)  # now: a run may be about to take it
        if spare is not None:
            self._serve_with(spare)
        else:
            self._spawn(self._start_server())

    def _refuse_waiting(self, why: type[Exception]) -> None:
        """No run waits for a child that will not come."""
        self._turns.refuse(why)
        for waiting in (self._waiting, self._waiting_live):
            for turn in waiting:
                if not turn.done():
                    turn.set_exception(why())
            waiting.clear()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
