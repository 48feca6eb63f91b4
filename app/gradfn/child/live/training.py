"""What a live run tells of its training: the latest backward pass, and the loss of every one.

Every pass is noted, a few microseconds each; sixty times a second the latest is told, with all
points of the curve since. The first and the last are always told.
"""

import math
import time
import weakref
from array import array
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import torch

from gradfn.child.live.charts import Views
from gradfn.child.live.parameters import Controls
from gradfn.events.kinds import ChildEvent, StateSeen
from gradfn.events.live import MAX_CONTROLS, MAX_CURVE, MAX_PARAMETERS, ParameterSeen
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.names import module_level, name_tensors
from gradfn.recorder.read.text import clean
from gradfn.recorder.read.values import captured_value, number
from gradfn.recorder.torch_internals import (
    ACCUMULATE_GRAD,
    Node,
    TensorBase,
    grad_of,
    is_leaf,
    is_tensor,
    node_of,
    requires_grad,
    without_user_hooks,
)
from gradfn.recorder.watch.snapshots import capture

TELL_SECONDS = 1 / 60
NAMES_SECONDS = 0.5  # a tensor without a name is not looked for more often
MAX_WALKED = 20_000  # functions

Taken = tuple[torch.Tensor, Captured | None, Captured | None]


class TrainingStates:
    """The passes of one run. `count` is how many there were."""

    def __init__(
        self, tell: Callable[[ChildEvent], None], controls: Controls, views: Views, max_values: int
    ) -> None:
        self._tell, self._controls, self._views = tell, controls, views
        self._max_values = max_values
        self.count = 0
        self._values, self._lines = array("d"), array("i")
        self._leaves: dict[int, list[Any]] = {}  # by calling line, weak
        self._names: dict[int, tuple[Any, str]] = {}
        self._next_tell = self._next_names = 0.0
        self._pending: tuple[int, float | None, Any, list[Taken]] | None = None
        self._frame_names: dict[str, Any] = {}

    @property
    def iteration(self) -> int | None:
        """The number of the latest pass, from 0; None before the first."""
        return self.count - 1 if self.count else None

    def passed(self, roots: Any, frames: list[FrameType]) -> None:
        """A backward pass has ended, in these frames of the program, which must not notice."""
        with suppress(Exception):
            self._passed(roots, frames)

    def _passed(self, roots: Any, frames: list[FrameType]) -> None:
        now = time.monotonic()
        due = now >= self._next_tell
        self.count += 1
        root = roots[0] if roots else None
        line = frames[0].f_lineno if frames else 0
        with without_user_hooks():
            value = _scalar(root)
            leaves = self._leaves_of(root, line, refresh=due)
            taken = [
                (leaf, capture(leaf), capture(grad))
                for leaf in leaves
                if (grad := grad_of(leaf)) is not None
            ]
        self._values.append(math.nan if value is None else value)
        self._lines.append(line)
        self._pending = (line, value, root if due else None, taken)
        if due:
            self._frame_names = names_in(frames)
            self._tell_at(now)
            self._frame_names = {}

    def tell_if_due(self, now: float) -> None:
        """Tell the latest pass if it was not told, and it is time to."""
        if now >= self._next_tell and self._pending is not None:
            self._tell_at(now)

    def tell_now(self) -> None:
        """Tell the latest pass if it was not told."""
        if self._pending is not None:
            self._tell_at(time.monotonic())

    def _tell_at(self, now: float) -> None:
        line, value, root, taken = self._pending or (0, None, None, [])
        self._pending = None
        self._next_tell = now + TELL_SECONDS
        self._name([leaf for leaf, _, _ in taken], now)
        while len(self._values) > MAX_CURVE:  # cannot be, but in a loop that never comes by here
            del self._values[0], self._lines[0]
        if self._controls.find_optimizers():
            self._tell(self._controls.found())
        if self._views.find(now):
            self._tell(self._views.found())
        self._tell(
            StateSeen(
                iteration=self.count - 1,
                line=line or None,
                root=self._root_name(root, line),
                value=None if value is None else number(value),
                parameters=[self._parameter(*each) for each in taken],
                scalars=_scalars(self._controls.names),
                views=self._views.seen(now),
                values=self._values.tobytes(),
                lines=self._lines.tobytes(),
            )
        )
        self._values, self._lines = array("d"), array("i")

    def _parameter(
        self, leaf: torch.Tensor, value: Captured | None, grad: Captured | None
    ) -> ParameterSeen:
        name = self._names.get(id(leaf), (None, ""))[1]
        values = [captured_value(each, self._max_values) for each in (value, grad)]
        return ParameterSeen(name, *values)

    def _leaves_of(self, root: Any, line: int, *, refresh: bool) -> list[torch.Tensor]:
        """The leaves that the pass reached; walked to when a state is due, else as last time."""
        if not refresh and line in self._leaves:
            return [leaf for ref in self._leaves[line] if (leaf := ref()) is not None]
        leaves = _walk_to_leaves(root)
        self._leaves[line] = list(map(weakref.ref, leaves))
        return leaves

    def _name(self, leaves: list[torch.Tensor], now: float) -> None:
        def is_known(leaf: torch.Tensor) -> bool:
            ref, _ = self._names.get(id(leaf), (None, ""))
            return ref is not None and ref() is leaf

        if all(map(is_known, leaves)) or now < self._next_names:
            return
        self._next_names = now + NAMES_SECONDS
        named = name_tensors({**self._frame_names, **self._controls.names})
        for leaf in leaves:
            names = named[id(leaf)].names if id(leaf) in named else [""]
            self._names[id(leaf)] = (weakref.ref(leaf), names[0])

    def _root_name(self, root: Any, line: int) -> str:
        """The name of the root where it has one: `loss`; of a line it is looked for once."""
        known = self._names.get(-line)
        if root is not None:
            spaces = (self._frame_names, self._controls.names)
            found = [name for space in spaces for name, each in module_level(space) if each is root]
            known = self._names[-line] = (None, clean(found[0], 200) if found else "")
        return known[1] if known else ""


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


def _walk_to_leaves(root: Any) -> list[torch.Tensor]:
    pending: list[Node] = [node_of(root)]
    visited = set(pending)
    leaves: list[torch.Tensor] = []
    for node in pending:
        if node is None or len(visited) > MAX_WALKED:
            continue
        if type(node) is ACCUMULATE_GRAD:
            if len(leaves) < MAX_PARAMETERS:
                leaves.append(node.variable)
            continue
        for following, _ in node.next_functions:
            if following not in visited:
                visited.add(following)
                pending.append(following)
    if is_tensor(root) and is_leaf(root) and requires_grad(root):
        leaves.append(root)
    return leaves


def _scalars(names: dict[str, Any]) -> dict[str, Any]:
    """The program's plain numbers, as curves to draw."""
    found: dict[str, Any] = {}
    for name, thing in module_level(names):
        if type(thing) is float or (type(thing) is int and abs(thing) < 2**53):
            found[clean(name, 200)] = number(float(thing))
        if len(found) == MAX_CONTROLS:
            break
    return found
