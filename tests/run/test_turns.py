"""Clients take turns: who asks for much waits for itself, not the others."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from gradfn.run.pool import PoolClosed
from gradfn.run.turns import Turn, Turns


async def settle() -> None:
    """Let every task go on as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Asking:
    """Tasks that want a place; `got` says who got one, in that order."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.got = turns, list[str]()
        self.held: dict[str, Turn] = {}
        self._leave: list[asyncio.Event] = []

    def ask(self, client: str) -> asyncio.Task[None]:
        """One more place for the client."""
        return asyncio.create_task(self._ask(client))

    async def _ask(self, client: str) -> None:
        async with self.turns.place(client) as self.held[client]:
            self.got.append(client)
            leave = asyncio.Event()
            self._leave.append(leave)
            await leave.wait()

    async def end_first(self) -> None:
        """Who has had a place for longest leaves it."""
        self._leave.pop(0).set()
        await settle()


async def test_a_client_with_much_to_do_leaves_a_place_to_others() -> None:
    asking = Asking(Turns(3, each=2))
    tasks = [asking.ask("greedy") for _ in range(10)]
    await settle()
    assert asking.got == ["greedy"] * 2
    tasks.append(asking.ask("other"))
    await settle()
    assert asking.got == ["greedy", "greedy", "other"]
    assert asking.turns.waiting == 8
    for task in tasks:
        task.cancel()


async def test_places_that_become_free_go_round_the_clients() -> None:
    asking = Asking(Turns(1, each=1))
    tasks = [asking.ask(client) for client in ["a"] * 4 + ["b"] * 2 + ["c"]]
    for _ in tasks:
        await settle()
        await asking.end_first()
    assert asking.got == ["a", "a", "b", "c", "a", "b", "a"]


async def test_who_sleeps_goes_on_beside_the_places_when_somebody_waits() -> None:
    asking = Asking(Turns(1, each=1, beside=1))
    tasks = [asking.ask(client) for client in ("a", "b", "c")]
    await settle()
    assert asking.got == ["a"]
    asking.held["a"].may_move()
    await settle()
    assert asking.got == ["a", "b"]
    assert asking.held["a"].is_beside
    asking.held["b"].may_move()
    await settle()
    assert asking.got == ["a", "b"], "only one may be beside"
    await asking.end_first()
    assert asking.got == ["a", "b", "c"], "b took the room that a left"
    for task in tasks:
        task.cancel()


async def test_a_client_gets_no_second_place_if_all_could_not_be_moved_beside() -> None:
    asking = Asking(Turns(2, each=2, beside=1))
    tasks = [asking.ask("greedy"), asking.ask("greedy")]
    await settle()
    assert asking.got == ["greedy"]
    tasks.append(asking.ask("other"))
    await settle()
    assert asking.got == ["greedy", "other"]
    for task in tasks:
        task.cancel()


async def test_who_leaves_while_it_waits_holds_up_nobody() -> None:
    asking = Asking(Turns(1, each=1))
    tasks = [asking.ask(client) for client in ("a", "b", "c")]
    await settle()
    tasks[1].cancel()
    tasks[0].cancel()
    await settle()
    assert asking.got == ["a", "c"]
    assert asking.turns.waiting == 0
    tasks[2].cancel()


async def test_who_leaves_at_the_moment_of_its_turn_gives_the_place_back() -> None:
    turns = Turns(1, each=1)
    async with AsyncExitStack() as first:
        await first.enter_async_context(turns.place("a"))
        waiting = asyncio.create_task(turns.place("b").__aenter__())
        await settle()
    waiting.cancel()  # its turn has come, and it has not gone on yet
    await settle()
    async with asyncio.timeout(5), turns.place("c"):
        pass


async def test_who_waits_when_the_server_ends_is_told_so() -> None:
    turns = Turns(1, each=1)
    async with turns.place("a"):
        waiting = asyncio.create_task(turns.place("b").__aenter__())
        await settle()
        turns.refuse(PoolClosed)
        with pytest.raises(PoolClosed):
            await waiting
