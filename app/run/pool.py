"""Ready children, handed out one a run, and what happens when there are none."""

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from app.events.kinds import Event, Program, Timed
from app.run.conversation import converse
from app.run.forkserver import Child, ForkServer, ForkServerLost
from app.run.limits import Limits

RETRY_SECONDS = 2
MAX_PAUSE_SECONDS = 5.0


class PoolFull(Exception):
    """As many runs wait as may wait; ask again after `retry_seconds`."""

    retry_seconds = RETRY_SECONDS


class Pool:
    """Runs programs, each in a child of its own, forked ahead and used once."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._ready: deque[Child] = deque()
        self._waiting: deque[asyncio.Future[Child]] = deque()
        self._running = 0
        self._forking = 0
        self._server: ForkServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._pause_seconds = 0.0

    async def start(self) -> None:
        """Start the fork server and the first children."""
        server = ForkServer(self.limits, self._server_lost)
        await server.start()
        self._server = server
        self._pause_seconds = 0.0
        self._refill()

    async def stop(self) -> None:
        """End every process of ours."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.stop()
        for future in self._waiting:
            future.cancel()
        while self._ready:
            self._discard(self._ready.popleft())

    @property
    def ready(self) -> int:
        """How many children wait for a program."""
        return len(self._ready)

    @property
    def running(self) -> int:
        """How many programs run."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many programs wait for a child."""
        return len(self._waiting)

    async def run(self, program: Program) -> AsyncGenerator[Event]:
        """What there is to tell of the program, to its end; PoolFull when it cannot be taken.

        Whoever stops listening ends the run.
        """
        asked = time.perf_counter()
        async with self._child() as child:
            started = time.perf_counter()
            async for event in converse(child, program, self.limits):
                yield event
            ended = time.perf_counter()
        yield Timed((started - asked) * 1e3, (ended - started) * 1e3)

    @asynccontextmanager
    async def _child(self) -> AsyncIterator[Child]:
        child = await self._take()
        try:
            yield child
        finally:
            child.kill()
            child.close()
            self._running -= 1
            self._hand_out()

    async def _take(self) -> Child:
        if len(self._waiting) >= self.limits.waiting_runs:
            raise PoolFull
        turn: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._hand_out()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif turn.done() and not turn.cancelled():
                self._discard(turn.result())
                self._running -= 1
                self._hand_out()
            raise

    def _hand_out(self) -> None:
        """Give ready children to waiting runs, and have new ones made."""
        while self._ready and self._waiting and self._running < self.limits.running_children:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(self._ready.popleft())
                self._running += 1
        self._refill()

    def _refill(self) -> None:
        if self._server is None or self._stopping:
            return
        while len(self._ready) + self._forking < self.limits.ready_children:
            self._forking += 1
            self._spawn(self._fork(self._server))

    async def _fork(self, server: ForkServer) -> None:
        try:
            await asyncio.sleep(self._pause_seconds)
            child = await server.fork()
        except ForkServerLost:
            return
        finally:
            self._forking -= 1
        self._ready.append(child)
        child.exited.add_done_callback(lambda _: self._died_waiting(child))
        self._hand_out()

    def _died_waiting(self, child: Child) -> None:
        """A child that ends before it had a program is replaced, ever more slowly."""
        if child not in self._ready:
            self._pause_seconds = 0.0
            return
        self._ready.remove(child)
        self._discard(child)
        self._pause_seconds = min(MAX_PAUSE_SECONDS, 2 * self._pause_seconds + 0.1)
        self._refill()

    def _server_lost(self) -> None:
        """Start another; the runs it was serving are told by their children's end."""
        self._server = None
        if not self._stopping:
            self._spawn(self._restart())

    async def _restart(self) -> None:
        while not self._stopping:
            with contextlib.suppress(ForkServerLost):
                await self.start()
                return
            await asyncio.sleep(1)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _discard(self, child: Child) -> None:
        child.kill()
        os.close(child.request)
        child.close()
