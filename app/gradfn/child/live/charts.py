"""The pictures that the page draws by itself: points and a line, classes and a field, a surface.

A program declares them (`gradfn.child.live.metadata`), or they are found: tensors that look like
data beside one that looks like a prediction. What is computed for them runs muted, on a copy of a
module, and gives the random numbers back; what cannot be computed is not shown.
"""

import copy
import math
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

import torch

from gradfn.child.live.metadata import Metadata
from gradfn.events.kinds import ViewsFound
from gradfn.events.live import MAX_POINTS, MAX_VIEWS, ViewFound, ViewSeen
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

FIELD, LINE, SURFACE = 32, 64, 24  # cells and points in a row
FIELD_SECONDS, SHARE = 1 / 15, 0.1  # how often a field is computed, and for how much of the time
CHECK_SECONDS = 0.5
MAX_CLASSES, MAX_PATH = 10, 500
Extent = tuple[float, float, float, float]  # left, right, bottom, top


class View:
    """One picture. Its methods run muted; whatever they raise ends it."""

    points: Any = ()

    def found(self) -> ViewFound:
        """What stands still in it."""
        raise NotImplementedError

    def seen(self, number: int) -> ViewSeen:
        """What moves in it, now."""
        raise NotImplementedError


class Fit(View):
    """Points, and the model's line through them."""

    def __init__(self, names: dict[str, Any], x: str, y: str, line: str) -> None:
        self._names, self._x, self._y, self._line = names, x, y, line
        self.points = (names[x], names[y])

    def found(self) -> ViewFound:
        x, y = map(_flat, self.points)
        extent = _extent(x, y)
        return ViewFound("fit", f"{self._line} and {self._y}", self._x, self._y, extent, x, y)

    def seen(self, number: int) -> ViewSeen:
        x = self.points[0].detach()
        if self._line.isidentifier():
            line = self._names[self._line].detach().reshape(-1)
            order = torch.argsort(x.reshape(-1))
            order = order[:: max(1, len(order) // LINE)]
            return ViewSeen(number, _flat(x.reshape(-1)[order]), _flat(line[order]))
        shown = torch.linspace(float(x.min()), float(x.max()), LINE, dtype=x.dtype)
        grid = shown.reshape(-1, *[1] * (x.dim() - 1))
        line = eval(self._line, self._names, {self._x: grid})
        return ViewSeen(number, _flat(shown), _flat(line))


class Classes(View):
    """Points by class, and what the model says of every place between them."""

    def __init__(self, names: dict[str, Any], inputs: str, labels: str, model: str) -> None:
        self._names, self._model, self._inputs = names, model, inputs
        self.points = (names[inputs], names[labels])
        self._extent = _extent(*map(_flat, _columns(self.points[0])))

    def found(self) -> ViewFound:
        x, y = map(_flat, _columns(self.points[0]))
        labels = array("i", map(int, self.points[1].reshape(-1)[:MAX_POINTS].tolist())).tobytes()
        across, up = f"{self._inputs}[:, 0]", f"{self._inputs}[:, 1]"
        title = f"decision of {self._model}"
        return ViewFound("classes", title, across, up, self._extent, x, y, labels, FIELD)

    def seen(self, number: int) -> ViewSeen:
        model = self._names[self._model]
        if is_a(model, torch.nn.Module):
            model = copy.deepcopy(model).eval()
        left, right, bottom, top = self._extent
        across = torch.linspace(left, right, FIELD)
        up = torch.linspace(bottom, top, FIELD)
        grid = torch.stack([across.repeat(FIELD), up.repeat_interleave(FIELD)], 1)
        said = model(grid.to(self.points[0].dtype)).detach().float()
        return ViewSeen(number, cells=_bytes_of(_decision(said)))


class Surface(View):
    """The loss over two parameters, and the path walked on it."""

    def __init__(
        self, names: dict[str, Any], over: list[str], loss: str, ranges: list[list[float]]
    ) -> None:
        self._names, self._over, self._loss = names, over, loss
        (left, right), (bottom, top) = ranges
        self._extent: Extent = (float(left), float(right), float(bottom), float(top))
        self._path = [array("d"), array("d")]

    def found(self) -> ViewFound:
        left, right, bottom, top = self._extent
        rows = torch.linspace(bottom, top, SURFACE).tolist()
        columns = torch.linspace(left, right, SURFACE).tolist()
        losses = torch.tensor([[self._loss_at(x, y) for x in columns] for y in rows])
        logs = torch.log(losses.clamp_min(1e-12))
        low, high = float(logs.min()), float(logs.max())
        cells = _bytes_of((logs - low) / max(high - low, 1e-12))
        return ViewFound(
            "surface",
            f"the loss over {' and '.join(self._over)}",
            self._over[0],
            self._over[1],
            self._extent,
            columns=SURFACE,
            cells=cells,
            low=low,
            high=high,
        )

    def seen(self, number: int) -> ViewSeen:
        for name, walked in zip(self._over, self._path, strict=True):
            walked.append(float(self._names[name].detach().reshape(())))
        if len(self._path[0]) > MAX_PATH:  # every other point, but the last stays
            self._path = [walked[-1::-2][::-1] for walked in self._path]
        x, y = self._path
        return ViewSeen(number, x.tobytes(), y.tobytes())

    def _loss_at(self, x: float, y: float) -> float:
        values = zip(self._over, (x, y), strict=True)
        moved = {n: torch.full_like(self._names[n], each).detach() for n, each in values}
        return float(eval(self._loss, {**self._names, **moved}))


class Views:
    """The views of one run, found when its first state is told."""

    def __init__(self, names: dict[str, Any], declared: Metadata) -> None:
        self._names, self._declared = names, declared
        self._views: list[View] = []
        self._found = ViewsFound([])
        self._points: list[Any] = []
        self._next_check = self._next_field = 0.0

    def find(self, now: float) -> bool:
        """Whether there is something to tell anew: other views, or other points in them."""
        if now < self._next_check:
            return False
        self._next_check = now + CHECK_SECONDS
        views, told = [], []
        with _aside():
            for make in self._wanted():
                with suppress(Exception):
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
                with suppress(Exception):
                    found = view.found()
                    if not all(map(math.isfinite, (*found.extent, found.low, found.high))):
                        continue  # there is nothing to draw it between
                    told.append(found)
                    self._views.append(view)
        changed = told != self._found.views
        self._found = ViewsFound(told)
        return changed

    def found(self) -> ViewsFound:
        """What there is to tell of them."""
        return self._found

    def seen(self, now: float) -> list[ViewSeen]:
        """What moved in them. A field costs the program's time, so it is computed less often."""
        if not self._views:
            return []
        seen = []
        fields = now >= self._next_field
        with _aside():
            for number, view in enumerate(self._views):
                if type(view) is not Classes or fields:
                    with suppress(Exception):
                        seen.append(view.seen(number))
        if fields:
            cost = time.monotonic() - now
            self._next_field = now + max(FIELD_SECONDS, cost / SHARE)
        return seen

    def _surface(self) -> View | None:
        return next((view for view in self._views if type(view) is Surface), None)

    def _wanted(self) -> Iterator[Callable[[], View]]:
        names = self._names
        for said in self._declared.views:
            match said:
                case {"kind": "fit", "x": str(x), "y": str(y), "line": str(line)}:
                    yield lambda x=x, y=y, line=line: Fit(names, x, y, line)  # type: ignore[misc]
                case {"kind": "classes", "x": str(x), "labels": str(labels), "model": str(model)}:
                    yield lambda x=x, y=labels, m=model: Classes(names, x, y, m)  # type: ignore[misc]
                case {"kind": "surface", "over": [str(), str()] as over, "loss": str(loss)}:
                    ranges = said.get("ranges", [[-5, 5], [-5, 5]])
                    yield lambda o=over, f=loss, r=ranges: Surface(names, o, f, r)  # type: ignore[misc]
        if not self._declared.views:
            yield from _look_for(names)


def _look_for(names: dict[str, Any]) -> Iterator[Callable[[], View]]:
    """What looks like a classifier of points in the plane, else like a fit of y over x."""
    bound = module_level(names)
    tensors = [(name, each) for name, each in bound if is_tensor(each)]
    given = [(n, t) for n, t in tensors if not requires_grad(t)]
    points = [(n, t) for n, t in given if _is_real(t) and _is_n_by(t, 2)]
    modules = [n for n, m in bound if is_a(m, torch.nn.Module) and _first_width(m) == 2]
    for name, inputs in reversed(points):
        for labels, each in given:
            if modules and TensorBase.numel(each) == shape(inputs)[0] and _are_labels(each):
                yield lambda x=name, y=labels, m=modules[0]: Classes(names, x, y, m)  # type: ignore[misc]
                return
    for line, predicted in reversed(tensors):
        if not requires_grad(predicted) or is_leaf(predicted) or not _is_column(predicted):
            continue
        alike = [n for n, t in given if shape(t) == shape(predicted) and _is_real(t)]
        if len(alike) >= 2:
            yield lambda x=alike[0], y=alike[1], p=line: Fit(names, x, y, p)  # type: ignore[misc]
            return


@contextmanager
def _aside() -> Iterator[None]:
    """Meanwhile nothing is noted or printed, no graph is made; random numbers come back."""
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


def _columns(tensor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    tensor = tensor.detach()
    return tensor[:, 0], tensor[:, 1]


def _flat(tensor: torch.Tensor) -> bytes:
    return array("d", tensor.detach().double().reshape(-1)[:MAX_POINTS].tolist()).tobytes()


def _extent(x: bytes, y: bytes) -> Extent:
    sides: list[float] = []
    for raw in (x, y):
        numbers = array("d")
        numbers.frombytes(raw)
        finite = [each for each in numbers if math.isfinite(each)]
        low, high = min(finite), max(finite)
        margin = 0.08 * (high - low) or 1.0
        sides += [low - margin, high + margin]
    return cast(Extent, tuple(sides))


def _decision(said: torch.Tensor) -> torch.Tensor:
    """0 to 1 for each place: how sure of the second of two classes, or which of many."""
    if said.dim() == 2 and said.shape[1] > 2:
        return said.argmax(1) / (said.shape[1] - 1)
    if said.dim() == 2 and said.shape[1] == 2:
        return torch.sigmoid(said[:, 1] - said[:, 0])
    is_probability = bool((said >= 0).all()) and bool((said <= 1).all())
    return said if is_probability else torch.sigmoid(said)


def _bytes_of(share: torch.Tensor) -> bytes:
    return bytes((share.reshape(-1).nan_to_num(0.5).clamp(0, 1) * 255).round().int().tolist())
