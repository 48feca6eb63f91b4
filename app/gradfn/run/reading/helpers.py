"""Processes that work for the server, made ready ahead: readers, and those that lay out."""

import asyncio
import os
from collections import deque

from gradfn.events.reading import frame
from gradfn.run.fork_servers import ForkedAhead, ForkServers
from gradfn.run.forkserver import Child


class NoHelper(Exception):
    """No process can be had for now."""


class Helpers:
    """So many processes of one role. Each knows its role before there is anything to do.

    Those that are `reused` are so many in all, of others so many wait.
    """

    def __init__(self, forks: ForkServers, role: bytes, count: int, *, reused: bool) -> None:
        self.family = ForkedAhead(forks, count, self._came, lambda _: None, self._refused)
        self._role, self._lent = role, int(reused)
        self._wanted: deque[asyncio.Future[Child]] = deque()

    async def take(self) -> Child:
        """One of them, which is given back or discarded later; NoHelper."""
        if self.family.waiting:
            return self._lend(self.family.waiting.popleft())
        turn: asyncio.Future[Child] = asyncio.get_running_loop().create_future()
        self._wanted.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn in self._wanted:
                self._wanted.remove(turn)
            elif turn.done() and not turn.cancelled() and turn.exception() is None:
                turn.result().close_request()
                self.discard(turn.result())
            raise

    def give_back(self, child: Child) -> None:
        """Another may use it."""
        self.family.lent -= self._lent
        if child.exited.done():
            child.discard()
        else:
            self._hand_out(child)
        self.family.refill()

    def discard(self, child: Child) -> None:
        """End it, whose request is closed; another is made in its place."""
        self.family.lent -= self._lent
        child.kill()
        child.close()
        self.family.refill()

    def _lend(self, child: Child) -> Child:
        self.family.lent += self._lent
        self.family.refill()
        return child

    def _came(self, child: Child) -> None:
        self.family.waiting.remove(child)
        try:
            os.write(child.request, frame(self._role))
        except OSError:  # it has ended
            child.discard()
            self.family.refill()
            return
        self._hand_out(child)

    def _hand_out(self, child: Child) -> None:
        while self._wanted:
            turn = self._wanted.popleft()
            if not turn.done():
                turn.set_result(self._lend(child))
                return
        self.family.waiting.append(child)

    def _refused(self) -> None:
        """Nobody waits for a process that does not come."""
        for turn in self._wanted:
            if not turn.done():
                turn.set_exception(NoHelper())
        self._wanted.clear()
