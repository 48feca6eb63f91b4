"""The charts that the page draws by itself: points and a line, classes and a field, a surface.

What is computed for them runs in `computed_aside`; whatever it raises ends the chart.
"""

import copy
import math
from array import array
from typing import Any, Protocol, cast

import torch

from gradfn.events.live import MAX_POINTS, ViewFound, ViewRead
from gradfn.recorder.torch_internals import is_a

FIELD, LINE, SURFACE = 32, 64, 24  # cells and points in a row
MAX_PATH = 500


Extent = tuple[float, float, float, float]  # left, right, bottom, top


class View(Protocol):
    """One chart. `points` are the tensors that it shows as they are."""

    points: tuple[Any, ...]

    def found(self) -> ViewFound:
        """What does not change in it."""

    def update(self, number: int) -> ViewRead:
        """What changes in it, as it is now; `number` is the chart's."""


class Fit:
    """Points, and the model's line through them."""

    def __init__(self, names: dict[str, Any], x: str, y: str, line: str) -> None:
        self._names, self._x, self._y, self._line = names, x, y, line
        self.points = (names[x], names[y])

    def found(self) -> ViewFound:
        x, y = map(_flat, self.points)
        extent = _extent(x, y)
        return ViewFound("fit", f"{self._line} and {self._y}", self._x, self._y, extent, x, y)

    def update(self, number: int) -> ViewRead:
        x = self.points[0].detach()
        if self._line.isidentifier():
            line = self._names[self._line].detach().reshape(-1)
            order = torch.argsort(x.reshape(-1))
            order = order[:: max(1, len(order) // LINE)]
            return ViewRead(number, _flat(x.reshape(-1)[order]), _flat(line[order]))
        shown = torch.linspace(float(x.min()), float(x.max()), LINE, dtype=x.dtype)
        grid = shown.reshape(-1, *[1] * (x.dim() - 1))
        line = eval(self._line, self._names, {self._x: grid})
        return ViewRead(number, _flat(shown), _flat(line))


class Classes:
    """Points by class, and the model's decision at every place between them."""

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

    def update(self, number: int) -> ViewRead:
        model = self._names[self._model]
        if is_a(model, torch.nn.Module):
            model = copy.deepcopy(model).eval()
        left, right, bottom, top = self._extent
        across = torch.linspace(left, right, FIELD)
        up = torch.linspace(bottom, top, FIELD)
        grid = torch.stack([across.repeat(FIELD), up.repeat_interleave(FIELD)], 1)
        output = model(grid.to(self.points[0].dtype)).detach().float()
        return ViewRead(number, cells=_bytes_of(_decision(output)))


class Surface:
    """The loss over two parameters, and the path walked on it."""

    def __init__(
        self, names: dict[str, Any], over: list[str], loss: str, ranges: list[list[float]]
    ) -> None:
        self.points = ()
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

    def update(self, number: int) -> ViewRead:
        for name, walked in zip(self._over, self._path, strict=True):
            walked.append(float(self._names[name].detach().reshape(())))
        if len(self._path[0]) > MAX_PATH:  # every other point, but the last stays
            self._path = [walked[-1::-2][::-1] for walked in self._path]
        x, y = self._path
        return ViewRead(number, x.tobytes(), y.tobytes())

    def _loss_at(self, x: float, y: float) -> float:
        values = zip(self._over, (x, y), strict=True)
        moved = {n: torch.full_like(self._names[n], each).detach() for n, each in values}
        return float(eval(self._loss, {**self._names, **moved}))


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


def _decision(output: torch.Tensor) -> torch.Tensor:
    """0 to 1 for each place: how sure of the second of two classes, or which of many."""
    if output.dim() == 2 and output.shape[1] > 2:
        return output.argmax(1) / (output.shape[1] - 1)
    if output.dim() == 2 and output.shape[1] == 2:
        return torch.sigmoid(output[:, 1] - output[:, 0])
    is_probability = bool((output >= 0).all()) and bool((output <= 1).all())
    return output if is_probability else torch.sigmoid(output)


def _bytes_of(share: torch.Tensor) -> bytes:
    return bytes((share.reshape(-1).nan_to_num(0.5).clamp(0, 1) * 255).round().int().tolist())
