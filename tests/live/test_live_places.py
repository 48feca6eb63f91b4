"""Live runs of several clients on one server: nobody keeps a place that others need for ever."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gradfn.events.kinds import Event, LimitReached
from gradfn.events.run import Live, Program
from gradfn.run.limits import Limits
from gradfn.run.live.live_run import GIVEN_UP, LiveRun, StreamEvent
from gradfn.run.live.live_runs import LiveRuns
from gradfn.run.live.watchers import Watchers
from gradfn.run.pool import Pool, PoolFull
from tests.pace import patience
from tests.processes import until

LIMITS = Limits(ready_children=2, live_runs=2, live_idle_seconds=0.01)
FOREVER = Program("import time\nwhile True: time.sleep(0.01)", steps=True, live=Live())
HELD = Program("x = 1\ny = 2", steps=True, live=Live(paused=True))
shared_loop = pytest.mark.asyncio(loop_scope="module")


class Encoder:
    """Writes no more than the end."""

    def encode(self, event: Event) -> StreamEvent | None:
        return None

    async def encode_end(self, events: list[Event], code: str) -> StreamEvent:
        return StreamEvent("finished", b"{}")

    def encode_crash(self) -> StreamEvent:
        raise AssertionError("a mistake")

    def mistake(self, step: str) -> None:
        raise AssertionError(f"a mistake: {step}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[Pool]:
    pool = Pool(LIMITS)
    pool.start()
    yield pool
    await pool.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def live_runs(pool: Pool) -> AsyncIterator[LiveRuns]:
    runs = LiveRuns(pool, lambda id, client: Encoder())
    yield runs
    await runs.close()


async def started(live_runs: LiveRuns, program: Program, client: str, status: str) -> LiveRun:
    run = live_runs.start(program, client, "secret")
    await until(lambda: run.status == status)
    return run


@shared_loop
async def test_who_has_none_gets_the_place_of_one_of_several_and_it_can_still_be_read(
    live_runs: LiveRuns,
) -> None:
    first = await started(live_runs, FOREVER, "greedy", "running")
    second = await started(live_runs, FOREVER, "greedy", "running")
    with pytest.raises(PoolFull):
        live_runs.start(FOREVER, "greedy", "secret")

    other = await started(live_runs, FOREVER, "other", "running")

    await until(lambda: first.has_ended)
    assert live_runs.get(first.id) is first
    assert LimitReached("time", GIVEN_UP) in first.events()
    assert not second.has_ended
    with pytest.raises(PoolFull):  # each has one, and uses it
        live_runs.start(FOREVER, "third", "secret")
    assert not other.has_ended


@shared_loop
async def test_a_run_that_holds_unused_gives_its_place_to_who_has_none(
    live_runs: LiveRuns,
) -> None:
    held = await started(live_runs, HELD, "a", "paused")
    await started(live_runs, FOREVER, "b", "running")
    await asyncio.sleep(LIMITS.live_idle_seconds)

    await started(live_runs, FOREVER, "c", "running")

    await until(lambda: held.has_ended)


@shared_loop
async def test_a_run_that_is_forgotten_leaves_no_circle_for_the_garbage_collector(
    live_runs: LiveRuns,
) -> None:
    gc.collect()
    gc.disable()
    try:
        run = await started(live_runs, HELD, "a", "paused")
        gone = weakref.ref(run)
        await live_runs.remove(run)
        del run
        await until(lambda: gone() is None)
    finally:
        gc.enable()


@pytest.mark.parametrize("comes_back", [False, True])
def test_a_run_whose_page_is_closed_ends_soon_unless_somebody_watches(
    comes_back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradfn.run.live.watchers.LEFT_SECONDS", 0.0)

    async def leave() -> bool:
        ended = asyncio.Event()
        watchers = Watchers(1e6, ended.set)
        with watchers.watching():
            watchers.leave()
        if comes_back:
            with watchers.watching():
                pass
            later = asyncio.Event()  # than a timer that was not stopped
            asyncio.get_running_loop().call_later(0.0, later.set)
            await later.wait()
            return ended.is_set()
        await asyncio.wait_for(ended.wait(), patience(10))
        return True

    assert asyncio.run(leave()) is not comes_back
