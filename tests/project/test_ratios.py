"""What `make slower` calls slower."""

from pathlib import Path

import pytest

from tests.bench import ratios


def test_a_ratio_that_grew_by_more_than_15_percent_is_slower() -> None:
    before = {"same": 2.0, "little": 1.0, "much": 1.0, "faster": 3.0, "gone": 1.0}
    now = {"same": 2.0, "little": 1.14, "much": 1.2, "faster": 1.0, "new": 9.0}
    assert ratios.slower(now, before) == {"much": 1.2}


def test_parts_of_a_bench_leave_their_ratios_in_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratios, "MEASURED", tmp_path / "build" / "bench.json")
    ratios.note("one", 1.23456)
    ratios.note("two", 2.0)
    ratios.note("one", 1.5)
    assert ratios.read(ratios.MEASURED) == {"one": 1.5, "two": 2.0}


def test_the_committed_baseline_has_ratios() -> None:
    baseline = ratios.read(ratios.BASELINE)
    assert len(baseline) >= 10
    assert all(ratio > 0 for ratio in baseline.values())
