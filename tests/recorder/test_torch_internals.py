"""A release of torch without one of its private names: less is recorded, and that is said."""

import json
import subprocess
import sys
from functools import cache

from tests.pace import patience
from tests.recorder.lacking import Recorded

FUNCTIONS = [  # of the loss from its end, and of what is not part of it
    *("SumBackward0", "PowBackward0", "SqueezeBackward4", "MmBackward0", "TBackward0"),
    *("AccumulateGrad", "MulBackward0", "AccumulateGrad"),
]
# By hand: (3 x₁ + 3 x₂)² has the gradient 2 · 9 x; a step of 0.5 leads from 3 to 3 - 9 x.
VALUES = {"w": [-6.0, -15.0], "grad": [18.0, 36.0]}


@cache
def recorded() -> dict[str, Recorded]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.recorder.lacking"],
        capture_output=True,
        text=True,
        timeout=patience(120),
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    found: dict[str, Recorded] = json.loads(done.stdout)
    return found


def test_nothing_is_missing_in_the_release_that_is_installed() -> None:
    assert recorded()[""]["warned"] == []


def test_each_name_that_is_missing_is_said_to_be_with_what_it_costs() -> None:
    without = {name: each["warned"] for name, each in recorded().items() if name}

    assert len(without) > 20
    for name, (said, *more) in without.items():
        assert said.startswith(f"this torch has no {name}: ")
        assert more == []


def test_the_graph_and_its_values_are_right_whatever_is_missing() -> None:
    for name, each in recorded().items():
        assert each["error"] is None, name
        assert each["functions"] == FUNCTIONS, name
        assert each["values"] == VALUES, name
