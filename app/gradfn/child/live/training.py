"""The training of a live run: the latest backward pass, and the value of the root of every one.

Every pass is noted, a few microseconds each; sixty times a second the latest is emitted, with all
points of the curve since. The first and the last are always emitted.
"""

import math
import time
from array import array
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

import torch

from gradfn.child.live.leaves import Leaves
from gradfn.child.live.parameters import Controls
from gradfn.child.live.views import Views
from gradfn.events.kinds import ChildEvent, TrainingRead
from gradfn.events.live import MAX_CONTROLS, MAX_CURVE, ParameterRead
from gradfn.recorder.failures import Failures
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.names import module_level
from gradfn.recorder.read.text import clean
from gradfn.recorder.read.values import captured_value, number
from gradfn.recorder.torch_internals import TensorBase, grad_of, is_tensor, without_user_hooks
from gradfn.recorder.watch.snapshots import capture

EMIT_SECONDS = 1 / 60


class LatestPass(NamedTuple):
    """A backward pass that was not emitted yet; `line` is 0 if unknown."""

    line: int
    value: float | None  # of the root
    root: Any  # None where it was not kept
    parameters: list[tuple[torch.Tensor, Captured | None, Captured | None]]  # leaf, value, grad


class TrainingStates:
    """The passes of one run. `count` is how many there were."""

    def __init__(
        self,
        emit: Callable[[ChildEvent], None],
        controls: Controls,
        views: Views,
        max_values: int,
        failures: Failures,
    ) -> None:
        self._emit, self._controls, self._views = emit, controls, views
        self._max_values, self._failures = max_values, failures
        self.count = 0
        self._values, self._lines = array("d"), array("i")
        self._leaves = Leaves()
        self._latest: LatestPass | None = None
        self._next_emit = 0.0

    @property
    def iteration(self) -> int | None:
        """The number of the latest pass, from 0; None before the first."""
        return self.count - 1 if self.count else None

    def pass_ended(self, roots: Any, frames: list[FrameType]) -> None:
        """A backward pass has ended, in these frames of the program, which must not notice."""
        with self._failures.guard("live_state"):
            self._note_pass(roots[0] if roots else None, frames)

    def emit_if_due(self, now: float) -> None:
        """Emit the latest pass if it was not, and it is time to."""
        if now >= self._next_emit and self._latest is not None:
            with self._failures.guard("live_state"):
                self._emit_state(self._latest, now, {})

    def emit_now(self) -> None:
        """Emit the latest pass if it was not."""
        if self._latest is not None:
            with self._failures.guard("live_state"):
                self._emit_state(self._latest, time.monotonic(), {})

    def _note_pass(self, root: Any, frames: list[FrameType]) -> None:
        now = time.monotonic()
        is_due = now >= self._next_emit
        self.count += 1
        line = frames[0].f_lineno if frames else 0
        with without_user_hooks():
            value = _scalar(root)
            parameters = [
                (leaf, capture(leaf), capture(grad))
                for leaf in self._leaves.of_pass(root, line, refresh=is_due)
                if (grad := grad_of(leaf)) is not None
            ]
        self._values.append(math.nan if value is None else value)
        self._lines.append(line)
        self._latest = LatestPass(line, value, root if is_due else None, parameters)
        if is_due:
            self._emit_state(self._latest, now, names_in(frames))

    def _emit_state(self, latest: LatestPass, now: float, local_names: dict[str, Any]) -> None:
        self._latest = None
        self._next_emit = now + EMIT_SECONDS
        names = self._controls.names
        leaves = [leaf for leaf, _, _ in latest.parameters]
        self._leaves.find_names(leaves, {**local_names, **names})
        while len(self._values) > MAX_CURVE:  # cannot be, but in a loop that never comes by here
            del self._values[0], self._lines[0]
        if self._controls.find_optimizers():
            self._emit(self._controls.current())
        if self._views.find(now):
            self._emit(self._views.found())
        self._emit(
            TrainingRead(
                iteration=self.count - 1,
                line=latest.line or None,
                root=self._leaves.root_name(latest.root, latest.line, local_names, names),
                value=None if latest.value is None else number(latest.value),
                parameters=[self._parameter(*each) for each in latest.parameters],
                scalars=_scalars(names),
                views=self._views.update(now),
                values=self._values.tobytes(),
                lines=self._lines.tobytes(),
            )
        )
        self._values, self._lines = array("d"), array("i")

    def _parameter(
        self, leaf: torch.Tensor, value: Captured | None, grad: Captured | None
    ) -> ParameterRead:
        values = [captured_value(each, self._max_values) for each in (value, grad)]
        return ParameterRead(self._leaves.name_of(leaf), *values)


def names_in(frames: list[FrameType]) -> dict[str, Any]:
    """The names of the functions that are active; those of the innermost come last, and count."""
    names: dict[str, Any] = {}
    for frame in reversed(frames):
        if frame.f_code.co_name != "<module>":
            names.update(frame.f_locals)
    return names


def _scalar(root: Any) -> float | None:
    """Its value if it is a real number, to nine digits, which is what float32 has."""
    try:
        if not is_tensor(root) or TensorBase.numel(root) != 1 or TensorBase.is_complex(root):
            return None
        return float(f"{TensorBase.item(TensorBase.detach(root)):.9g}")
    except Exception:  # it has no elements that can be read
        return None


def _scalars(names: dict[str, Any]) -> dict[str, Any]:
    """The program's plain numbers, as curves to draw."""
    found: dict[str, Any] = {}
    for name, thing in module_level(names):
        if type(thing) is float or (type(thing) is int and abs(thing) < 2**53):
            found[clean(name, 200)] = number(float(thing))
        if len(found) == MAX_CONTROLS:
            break
    return found
