"""Explaining a run takes no longer than it may, whatever the run told."""

import asyncio
import contextlib
import gc
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gradfn.events.kinds import GraphWalked, Raised
from gradfn.events.recorded import (
    Recorded,
    RecordedChange,
    RecordedFrame,
    RecordedPass,
    RecordedPlace,
    RecordedTraining,
)
from gradfn.events.run import Frame
from gradfn.model.fold import document_of
from gradfn.web.explaining import Explainer
from gradfn.web.work import TookTooLong, Workers
from tests.conftest import Served

HISTORY = Path(__file__).parents[1] / "jail/hostile" / "forge_history.py"


def for_ever() -> None:
    """Never ends, and swallows what it can."""
    while True:
        with contextlib.suppress(Exception):
            sum(range(1_000))


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    """What a test has begun has ended with it, or it would slow down all that follow.

    Hypothesis is called back by the garbage collector, and there an interruption would be lost.
    """
    gc.disable()
    yield
    gc.enable()
    for thread in threading.enumerate():
        if thread.name == "working":
            thread.join(5)
            assert not thread.is_alive()


async def test_work_that_takes_too_long_is_stopped() -> None:
    started = time.thread_time()
    with pytest.raises(TookTooLong):
        await Workers(2, seconds=0.2).do(for_ever, "")
    assert time.thread_time() - started < 0.2  # it was done elsewhere


async def test_nobody_waits_for_the_work_of_others() -> None:
    working = asyncio.ensure_future(Workers(2, seconds=0.5).do(for_ever, ""))
    turns = 0
    while not working.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 20
    with pytest.raises(TookTooLong):
        await working


async def test_work_that_nobody_waits_for_any_more_is_stopped_too() -> None:
    workers = Workers(2, seconds=0.2)
    gone = asyncio.ensure_future(workers.do(for_ever, ""))
    await asyncio.sleep(0)
    gone.cancel()
    others = [workers.do(for_ever, "") for _ in range(8)]
    ended = await asyncio.gather(*others, return_exceptions=True)
    assert {type(each) for each in ended} == {TookTooLong}  # each had its turn in a place


async def test_a_mistake_in_the_work_is_told() -> None:
    with pytest.raises(ZeroDivisionError):
        await Workers(2, seconds=1).do(lambda: 1 // 0, "")


async def test_a_document_that_takes_too_long_to_explain_has_everything_else() -> None:
    changed = RecordedChange("w", 0, None, None)
    one = RecordedPass("backward", 1, None, 10**6, [], [], [], [], [changed], None, False)
    update = RecordedTraining("optimizer_step", 0, 1, 0, [changed])
    place = RecordedPlace(1, 0, 1, 10, "opt.step()")
    record = Recorded([place], [], [], [one] * 40_000, [], [], [update] * 40_000, [], 0, 0, [])
    document = await Explainer(seconds=0.2).document([record], "")
    assert len(document.backward) == len(document.training) == 40_000
    assert [each.id for each in document.diagnostics] == ["unexplained"]


async def test_a_document_for_a_picture_is_not_explained() -> None:
    frame = Frame("<module>", 1, "y")
    raised = Raised("exception", "NameError", "name 'y' is not defined", 1, 1, [frame])
    document = await Explainer().document([raised], "y")
    assert document.error is not None
    assert document.error.explanation is not None
    drawn = await Explainer().document([raised], "y", explain=False)
    assert drawn.error == replace(document.error, explanation=None)


async def test_stacks_that_are_told_once_and_meant_often_are_left_out() -> None:
    stack = [RecordedFrame("x" * 200, 1)] * 1_000
    one = RecordedPass("backward", None, 0, None, [], [], [], [], [], None, False)
    record = Recorded([], [stack], [], [one] * 1_000, [], [], [], [], 0, 0, [])
    walked = GraphWalked([], b"", bytes(4), b"", b"", False, b"")
    document = document_of([walked, record])
    told = [len(each.stack) for each in document.backward]
    assert told[0] == 1_000
    assert sum(told) * 200 <= 20_000_000
    assert document.recording is not None
    assert "stacks were left out" in document.recording.thinned[0]


def test_a_history_that_takes_minutes_to_explain_is_told_without(server: Served) -> None:
    document = server.run(HISTORY.read_text())
    assert document["status"] == "finished"
    assert len(document["backward"]) == 40_000
    assert [each["id"] for each in document["diagnostics"]] == ["unexplained"]
