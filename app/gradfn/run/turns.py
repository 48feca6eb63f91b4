"""Places that clients take in turns: nobody gets in front of others by asking more often."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """A place that a client holds, or once held: it may be moved beside the places."""

    def __init__(self, turns: "Turns", client: str) -> None:
        self._turns, self.client = turns, client
        self.is_beside = False

    def may_move(self) -> None:
        """It needs no core: when somebody waits, now or later, it goes on beside the places."""
        self._turns.move_when_needed(self)


class Turns:
    """So many places, `each` of them at the most for one client, and so many `beside` them.

    A place that is free goes to the client that has the fewest of them; among those to the one that
    has waited longest since it got one. Within a client's own it is first come, first served.
    Whoever holds one already gets no other that could not be moved beside, were all to sleep: so a
    client that holds none finds one soon.
    """

    def __init__(self, places: int, each: int, beside: int = 0) -> None:
        self._places = self._free = places
        self._each, self._beside, self._beside_free = each, beside, beside
        self._held: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[Turn]]] = {}  # who waits longest is first
        self._movable: dict[Turn, None] = {}  # in the places; the oldest first

    @property
    def waiting(self) -> int:
        """How many wait for a place."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[Turn]:
        """A place, as soon as it is the client's turn; who is cancelled waits no more."""
        turn: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        self._assign()
        try:
            held = await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._forget(client, turn)
            elif turn.exception() is None:
                self._give_back(turn.result())
            raise
        try:
            yield held
        finally:
            self._give_back(held)

    def refuse(self, why: type[Exception]) -> None:
        """All who wait get this exception instead of a place."""
        for turn in (turn for turns in self._waiting.values() for turn in turns):
            if not turn.done():  # cancelled, and it has not gone on yet
                turn.set_exception(why())
        self._waiting.clear()

    def move_when_needed(self, turn: Turn) -> None:
        """Move it beside the places when somebody waits, now or later."""
        self._movable[turn] = None
        self._assign()

    def _forget(self, client: str, turn: asyncio.Future[Turn]) -> None:
        turns = self._waiting.get(client, deque())
        if turn in turns:
            turns.remove(turn)
            if not turns:
                del self._waiting[client]

    def _give_back(self, turn: Turn) -> None:
        self._movable.pop(turn, None)
        if turn.is_beside:
            self._beside_free += 1
        else:
            self._free += 1
        self._held[turn.client] -= 1
        if not self._held[turn.client]:
            del self._held[turn.client]
        self._assign()

    def _assign(self) -> None:
        while (client := self._next()) is not None and self._make_room():
            turns = self._waiting.pop(client)
            waits = turns.popleft()
            if not waits.done():  # else it was cancelled, and has not gone on yet
                waits.set_result(Turn(self, client))
                self._free -= 1
                self._held[client] += 1
            if turns:
                self._waiting[client] = turns

    def _make_room(self) -> bool:
        """Whether a place is free, now that one that may be is moved beside if there is none."""
        if not self._free and self._beside_free and self._movable:
            turn = next(iter(self._movable))
            del self._movable[turn]
            turn.is_beside = True
            self._beside_free -= 1
            self._free += 1
        return self._free > 0

    def _next(self) -> str | None:
        could_move = self._beside_free > self._places - self._free or not self._beside
        able = (
            client
            for client in self._waiting
            if self._held[client] < self._each and (could_move or not self._held[client])
        )
        return min(able, key=self._held.__getitem__, default=None)
