"""A fork server, another one in reserve, and the children that are forked ahead."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol

from gradfn.run.forkserver import Child, ForkServer, ForkServerLost

MAX_PAUSE_SECONDS = 5.0
RESTART_SECONDS = 1


class Family(Protocol):
    """Children of one kind, which are told how their fork server is."""

    def served_by(self, server: ForkServer) -> None:
        """There is one."""

    def orphaned(self) -> None:
        """There is none any more, and its children end."""

    def refused(self) -> None:
        """None could be started; it is tried again."""


class ForkServers:
    """Keeps a fork server running: a module, and what it is told on its command line."""

    def __init__(self, module: str, told: Sequence[object]) -> None:
        self._module, self._told = module, told
        self.server: ForkServer | None = None
        self.spare: ForkServer | None = None
        self._families: list[Family] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    def start(self, *families: Family) -> None:
        """Start it; it serves these."""
        self._families += families
        self.spawn(self._start_server())

    async def stop(self) -> None:
        """End every process."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in (self.server, self.spare):
            if server is not None:
                server.stop()

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do it until all is stopped."""
        if self._stopping:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start_server(self) -> None:
        while not self._stopping:
            server = ForkServer(self._module, self._told, self._lost)
            try:
                await server.start()
            except ForkServerLost:
                for family in self._families:
                    family.refused()
                await asyncio.sleep(RESTART_SECONDS)
            else:
                self._serve_with(server)
                return

    def _serve_with(self, server: ForkServer) -> None:
        self.server = server
        for family in self._families:
            family.served_by(server)
        self.spawn(self._keep_spare(server))

    async def _keep_spare(self, server: ForkServer) -> None:
        with contextlib.suppress(ForkServerLost, OSError):
            self.spare = await server.spare()

    def _lost(self, server: ForkServer) -> None:
        """Another takes its place; the runs it was serving notice that their children are gone."""
        if self._stopping:
            return
        if server is self.spare:
            self.spare = None
            if self.server is not None:
                self.spawn(self._keep_spare(self.server))
            return
        spare, self.server, self.spare = self.spare, None, None
        for family in self._families:
            family.orphaned()
        if spare is not None:
            self._serve_with(spare)
        else:
            self.spawn(self._start_server())


class ForkedAhead:
    """A `Family` of which `count` wait to be taken.

    `came` is called with each that waits from now on, `gone` with one that ended while it waited,
    and `refused` when none can be had for now.
    """

    def __init__(
        self,
        forks: ForkServers,
        count: int,
        came: Callable[[Child], None],
        gone: Callable[[Child], None],
        refused: Callable[[], None],
    ) -> None:
        self._forks, self._count = forks, count
        self._came, self._gone, self._refused = came, gone, refused
        self.waiting: deque[Child] = deque()
        self.lent = 0  # of the count: they are used, and then wait again
        self._server: ForkServer | None = None
        self._forking = 0
        self._pause_seconds = 0.0
        self._closed = False

    def served_by(self, server: ForkServer) -> None:
        """Have children of it."""
        self._server = server
        self._pause_seconds = 0.0
        self.refill()

    def orphaned(self) -> None:
        """Those that wait have ended."""
        self._server = None
        for child in [each for each in self.waiting if each.exited.done()]:
            self._died_waiting(child)  # now: a run may be about to take it

    def refused(self) -> None:
        """There is no server for now."""
        self._refused()

    def close(self) -> None:
        """Have no more."""
        self._closed = True

    def discard(self) -> None:
        """End those that wait."""
        self._closed = True
        while self.waiting:
            self.waiting.popleft().discard()

    def refill(self) -> None:
        """Have as many made as are missing."""
        if self._server is None or self._closed:
            return
        while len(self.waiting) + self._forking + self.lent < self._count:
            self._forking += 1
            self._forks.spawn(self._fork(self._server))

    async def _fork(self, server: ForkServer) -> None:
        child: Child | None = None
        try:
            await asyncio.sleep(self._pause_seconds)
            child = await server.fork()
        except ForkServerLost:  # its spare may serve already
            pass
        except OSError:  # no descriptors or processes left: the runs that end give some back
            self._slow_down()
            self._refused()
        finally:
            self._forking -= 1
        if child is None:
            self.refill()
            return
        self.waiting.append(child)
        child.exited.add_done_callback(lambda _: self._died_waiting(child))
        self._came(child)

    def _died_waiting(self, child: Child) -> None:
        """A child that ends before it had a program is replaced, ever more slowly."""
        if child not in self.waiting:
            self._pause_seconds = 0.0
            return
        self.waiting.remove(child)
        self._gone(child)
        child.discard()
        if child.exited.exception() is None:  # else it died with its fork server
            self._slow_down()
        self.refill()

    def _slow_down(self) -> None:
        self._pause_seconds = min(MAX_PAUSE_SECONDS, 2 * self._pause_seconds + 0.1)
