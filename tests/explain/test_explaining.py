"""Explaining a run takes no longer than it may, whatever the run told."""

import contextlib
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gradfn.events.kinds import Event, GraphWalked, Raised
from gradfn.events.reading import Read
from gradfn.events.recorded import (
    Recorded,
    RecordedChange,
    RecordedFrame,
    RecordedPass,
    RecordedPlace,
    RecordedTraining,
)
from gradfn.events.run import Frame
from gradfn.model.document import RunDocument
from gradfn.model.fold import document_of
from gradfn.reader.documents import document_for
from gradfn.reader.trouble import TookTooLong, Trouble, at_most
from gradfn.run.limits import Limits
from tests.conftest import Served

HISTORY = Path(__file__).parents[1] / "jail/hostile" / "forge_history.py"


LIMITS = Limits().on_wire


def for_ever() -> None:
    """Never ends, and swallows what it can."""
    while True:
        with contextlib.suppress(Exception):
            sum(range(1_000))


def test_work_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TookTooLong), at_most(0.2):
        for_ever()


def test_work_is_not_stopped_for_the_time_that_it_waits() -> None:
    with at_most(0.2):
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.5)"], check=True)


def test_nothing_is_stopped_after_its_work_is_done() -> None:
    with at_most(0.05):
        pass
    used = time.process_time()
    while time.process_time() - used < 0.2:
        pass


def test_a_mistake_in_the_work_is_told() -> None:
    with pytest.raises(ZeroDivisionError), at_most(1):
        _ = 1 // 0


def document(events: list[Event], code: str = "", **asked: Any) -> tuple[RunDocument, Trouble]:
    """What a reader makes of events, and the trouble it had."""
    trouble = Trouble()
    return document_for(Read("document", code, LIMITS, 0, **asked), events, trouble), trouble


def test_a_document_that_takes_too_long_to_explain_has_everything_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gradfn.reader.documents.EXPLAIN_SECONDS", 0.2)
    changed = RecordedChange("w", 0, None, None)
    one = RecordedPass("backward", 1, None, 10**6, [], [], [], [], [changed], None, False)
    update = RecordedTraining("optimizer_step", 0, 1, 0, [changed])
    place = RecordedPlace(1, 0, 1, 10, "opt.step()")
    record = Recorded([place], [], [], [one] * 40_000, [], [], [update] * 40_000, [], 0, 0, [])
    told, trouble = document([record])
    assert len(told.backward) == len(told.training) == 40_000
    assert [each.id for each in told.diagnostics] == ["unexplained"]
    assert trouble.any
    assert not trouble.mistakes


def test_a_document_for_a_picture_is_not_explained() -> None:
    frame = Frame("<module>", 1, "y")
    raised = Raised("exception", "NameError", "name 'y' is not defined", 1, 1, [frame])
    told, _ = document([raised], "y")
    assert told.error is not None
    assert told.error.explanation is not None
    drawn, _ = document([raised], "y", explain=False)
    assert drawn.error == replace(told.error, explanation=None)


def test_stacks_that_are_told_once_and_meant_often_are_left_out() -> None:
    stack = [RecordedFrame("x" * 200, 1)] * 1_000
    one = RecordedPass("backward", None, 0, None, [], [], [], [], [], None, False)
    record = Recorded([], [stack], [], [one] * 1_000, [], [], [], [], 0, 0, [])
    walked = GraphWalked([], b"", bytes(4), b"", b"", False, b"")
    folded = document_of([walked, record])
    told = [len(each.stack) for each in folded.backward]
    assert told[0] == 1_000
    assert sum(told) * 200 <= 20_000_000
    assert folded.recording is not None
    assert "stacks were left out" in folded.recording.thinned[0]


def test_a_history_that_takes_minutes_to_explain_is_told_without(server: Served) -> None:
    told = server.run(HISTORY.read_text())
    assert told["status"] == "finished"
    assert len(told["backward"]) == 40_000
    assert [each["id"] for each in told["diagnostics"]] == ["unexplained"]
