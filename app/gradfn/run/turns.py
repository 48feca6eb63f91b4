"""Places that clients take in turns: nobody gets in front of others by asking more often."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """So many places, `each` of them at the most for one client.

    A place that is free goes to the client that has the fewest of them; among those to the one that
    has waited longest since it got one. Within a client's own it is first come, first served.
    """

    def __init__(self, places: int, each: int) -> None:
        self._free, self._each = places, each
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}  # who waits longest is first

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[None]:
        """A place, as soon as it is the client's turn; who is cancelled waits no more."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        self._assign()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(client, turn)
            elif turn.exception() is None:
                self._give_back(client)
            raise
        try:
            yield
        finally:
            self._give_back(client)

    def refuse(self, why: type[Exception]) -> None:
        """All who wait get this exception instead of a place."""
        for turn in (turn for turns in self._waiting.values() for turn in turns):
            if not turn.done():  # cancelled, and it has not gone on yet
                turn.set_exception(why())
        self._waiting.clear()

    def _forget(self, client: str, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(client, deque())
        if turn in turns:
            turns.remove(turn)
            if not turns:
                del self._waiting[client]

    def _give_back(self, client: str) -> None:
        self._free += 1
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]
        self._assign()

    def _assign(self) -> None:
        while self._free and (client := self._next()) is not None:
            turns = self._waiting.pop(client)
            turn = turns.popleft()
            if not turn.done():  # else it was cancelled, and has not gone on yet
                turn.set_result(None)
                self._free -= 1
                self._held[client] += 1
            if turns:
                self._waiting[client] = turns

    def _next(self) -> str | None:
        able = (client for client in self._waiting if self._held[client] < self._each)
        return min(able, key=self._held.__getitem__, default=None)
