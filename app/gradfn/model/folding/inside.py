"""What is in the boxes of a view: parameters, gradients, numbers that are not finite."""

import math
import re
from collections.abc import Iterator, Sequence

from gradfn.model.document import Graph, Tensor, TensorValue
from gradfn.model.folding.view import Folding, View
from gradfn.model.layout import Inside

_BITS = re.compile(r"\d+")
_INDEX = re.compile(r"\[(\d+)\]")


def insides(graph: Graph, folding: Folding, view: View) -> tuple[list[Inside], list[Inside]]:
    """What is in each box of the view, and in each frame. Goes over tensors, not over functions."""
    boxes = [Inside(functions=len(box.functions)) for box in view.boxes]
    for tensor, box in _tensors(graph, view):
        inside = boxes[box]
        _add_values(inside, tensor)
        if tensor.grad_fn is None:
            inside.leaves += 1
            if tensor.value is not None:
                _add_leaf(inside, tensor.value)
    for tensor, number in _frozen(graph, folding):
        if tensor.value is not None:
            boxes[view.box_of[number]].frozen += math.prod(tensor.value.shape)
    frames = [Inside() for _ in view.frames]
    for place, inside in zip(view.boxes, boxes, strict=True):
        at = place.frame
        while at >= 0:
            frames[at].add(inside)
            at = view.frames[at].frame
    return boxes, frames


def _add_leaf(inside: Inside, value: TensorValue) -> None:
    count = math.prod(value.shape)
    inside.elements += count
    inside.bytes += count * _bytes_of(value.dtype)


def _add_values(inside: Inside, tensor: Tensor) -> None:
    """Count what is not finite in a tensor and its gradient; know how large the gradient is."""
    for value in (tensor.value, tensor.grad):
        inside.nonfinite += _nonfinite(value)
    if tensor.grad is not None and (norm := _norm(tensor.grad)) is not None:
        inside.add_grad(norm)


def _tensors(graph: Graph, view: View) -> Iterator[tuple[Tensor, int]]:
    """The tensors of functions and the leaves of AccumulateGrads, with their boxes."""
    numbers = {function.id: at for at, function in enumerate(graph.functions)}
    users = {
        function.variable: at
        for at, function in enumerate(graph.functions)
        if function.variable is not None
    }
    for tensor in graph.tensors:
        number = users.get(tensor.id) if tensor.grad_fn is None else numbers.get(tensor.grad_fn)
        if number is not None:
            yield tensor, view.box_of[number]


def _frozen(graph: Graph, folding: Folding) -> Iterator[tuple[Tensor, int]]:
    """Parameters that need no gradient, by their names, with a function made in their module."""
    made: dict[str, int] = {}
    columns = folding.columns
    for number in columns.order:
        module = columns.scopes[columns.scope[number]][0]
        while module and module not in made:
            made[module] = number
            module = module.rpartition(".")[0]
    for tensor in graph.tensors:
        if not tensor.frozen or not tensor.names:
            continue
        owner = _INDEX.sub(r".\1", tensor.names[0]).rpartition(".")[0]
        while owner and owner not in made:
            owner = owner.rpartition(".")[0]
        if owner:
            yield tensor, made[owner]


def _norm(value: TensorValue) -> float | None:
    if value.data is None:
        norm = value.summary.norm if value.summary else None
        return norm if isinstance(norm, float | int) else None
    numbers = list(_numbers(value.data))
    if any(isinstance(each, str) for each in numbers):
        return None
    return math.hypot(*(float(each) for each in numbers))


def _nonfinite(value: TensorValue | None) -> int:
    if value is None:
        return 0
    if value.data is None:
        return value.summary.nonfinite if value.summary else 0
    return sum(isinstance(each, str) for each in _numbers(value.data))


def _numbers(data: Sequence[object]) -> Iterator[float | str]:
    for each in data:
        if isinstance(each, list | tuple):
            yield from each
        else:
            yield each  # type: ignore[misc]


def _bytes_of(dtype: str) -> int:
    """Of one element: `float32` has 4."""
    bits = _BITS.search(dtype)
    return max(1, int(bits[0]) // 8) if bits and len(bits[0]) < 4 else 1
