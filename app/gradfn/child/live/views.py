"""Which charts a live run has, and when they are computed.

A program declares them (`gradfn.child.live.metadata`), or they are detected: tensors that look like
data beside one that looks like a prediction. What cannot be computed is not shown.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import torch

from gradfn.child.live.charts import Classes, Fit, Surface, View
from gradfn.child.live.metadata import Metadata
from gradfn.events.kinds import ViewsFound
from gradfn.events.live import MAX_POINTS, MAX_VIEWS, ViewRead
from gradfn.recorder.read.names import module_level
from gradfn.recorder.read.tensors import quiet
from gradfn.recorder.torch_internals import (
    TensorBase,
    dtype,
    is_a,
    is_leaf,
    is_tensor,
    requires_grad,
    shape,
)
from gradfn.recorder.watch.muted import muted

FIELD_SECONDS, SHARE = 1 / 15, 0.1  # how often a field is computed, and for how much of the time
CHECK_SECONDS = 0.5
MAX_CLASSES = 10


class Views:
    """The views of one run, found when its first state is emitted."""

    def __init__(self, names: dict[str, Any], metadata: Metadata) -> None:
        self._names, self._metadata = names, metadata
        self._views: list[View] = []
        self._found = ViewsFound([])
        self._points: list[Any] = []
        self._next_check = self._next_field = 0.0

    def find(self, now: float) -> bool:
        """Whether there are other views than before, or other points in them."""
        if now < self._next_check:
            return False
        self._next_check = now + CHECK_SECONDS
        views, found = [], []
        with computed_aside():
            for make in self._wanted():
                with suppress(Exception):  # it may name what the program does not have yet
                    view = make()
                    if type(view) is Surface and (kept := self._surface()):
                        view = kept
                    views.append(view)
            points = [(id(each), each._version) for view in views for each in view.points]
            if points == self._points and len(views) == len(self._views):
                return False
            self._points = points
            self._views = []
            for view in views[:MAX_VIEWS]:
                with suppress(Exception):  # a loss that it evaluates is the program's own code
                    fixed = view.found()
                    if not all(map(math.isfinite, (*fixed.extent, fixed.low, fixed.high))):
                        continue  # there is nothing to draw it between
                    found.append(fixed)
                    self._views.append(view)
        changed = found != self._found.views
        self._found = ViewsFound(found)
        return changed

    def found(self) -> ViewsFound:
        """All of them, as an event."""
        return self._found

    def update(self, now: float) -> list[ViewRead]:
        """What changed in them. A field costs the program's time, so it is computed less often."""
        if not self._views:
            return []
        updates = []
        fields = now >= self._next_field
        with computed_aside():
            for number, view in enumerate(self._views):
                if type(view) is not Classes or fields:
                    with suppress(Exception):  # so is a line, and a model
                        updates.append(view.update(number))
        if fields:
            cost = time.monotonic() - now
            self._next_field = now + max(FIELD_SECONDS, cost / SHARE)
        return updates

    def _surface(self) -> View | None:
        return next((view for view in self._views if type(view) is Surface), None)

    def _wanted(self) -> Iterator[Callable[[], View]]:
        names = self._names
        for declared in self._metadata.views:
            match declared:
                case {"kind": "fit", "x": str(x), "y": str(y), "line": str(line)}:
                    yield partial(Fit, names, x, y, line)
                case {"kind": "classes", "x": str(x), "labels": str(labels), "model": str(model)}:
                    yield partial(Classes, names, x, labels, model)
                case {"kind": "surface", "over": [str(), str()] as over, "loss": str(loss)}:
                    ranges = declared.get("ranges", [[-5, 5], [-5, 5]])
                    yield partial(Surface, names, over, loss, ranges)
        if not self._metadata.views:
            yield from _detect(names)


def _detect(names: dict[str, Any]) -> Iterator[Callable[[], View]]:
    """What looks like a classifier of points in the plane, else like a fit of y over x."""
    bound = module_level(names)
    tensors = [(name, each) for name, each in bound if is_tensor(each)]
    given = [(n, t) for n, t in tensors if not requires_grad(t)]
    points = [(n, t) for n, t in given if _is_real(t) and _is_n_by(t, 2)]
    modules = [n for n, m in bound if is_a(m, torch.nn.Module) and _first_width(m) == 2]
    for name, inputs in reversed(points):
        for labels, each in given:
            if modules and TensorBase.numel(each) == shape(inputs)[0] and _are_labels(each):
                yield partial(Classes, names, name, labels, modules[0])
                return
    for line, predicted in reversed(tensors):
        if not requires_grad(predicted) or is_leaf(predicted) or not _is_column(predicted):
            continue
        alike = [n for n, t in given if shape(t) == shape(predicted) and _is_real(t)]
        if len(alike) >= 2:
            yield partial(Fit, names, alike[0], alike[1], line)
            return


@contextmanager
def computed_aside() -> Iterator[None]:
    """Meanwhile nothing is recorded or printed, no graph is made; the random state is restored."""
    state = torch.get_rng_state()
    with muted(), quiet(), torch.no_grad():
        try:
            yield
        finally:
            torch.set_rng_state(state)


def _is_real(tensor: torch.Tensor) -> bool:
    return dtype(tensor) in (torch.float32, torch.float64)


def _is_n_by(tensor: torch.Tensor, width: int) -> bool:
    sizes = shape(tensor)
    return len(sizes) == 2 and sizes[1] == width and 3 <= sizes[0] <= MAX_POINTS


def _is_column(tensor: torch.Tensor) -> bool:
    sizes = shape(tensor)
    is_flat = len(sizes) == 1 or (len(sizes) == 2 and sizes[1] == 1)
    return is_flat and _is_real(tensor) and 3 <= TensorBase.numel(tensor) <= MAX_POINTS


def _are_labels(tensor: torch.Tensor) -> bool:
    values = torch.unique(TensorBase.detach(tensor))
    return 2 <= len(values) <= MAX_CLASSES and bool((values == values.round()).all())


def _first_width(module: Any) -> int:
    """How many numbers its first linear layer takes."""
    for part in torch.nn.Module.modules(module):
        if type(part) is torch.nn.Linear:
            return part.in_features
    return 0
