"""Where autograd and the formulas part: at which function, for which argument."""

import math
from collections.abc import Mapping

from gradfn.explain.arrays.array import Array, sum_to
from gradfn.explain.backprop.edges import Between, CannotFollow
from gradfn.explain.backprop.paths import worked_out
from gradfn.explain.formulas.arguments import array_of
from gradfn.explain.formulas.evaluate import CannotWorkOut, forward
from gradfn.explain.formulas.jacobians import tensor_value
from gradfn.model.by_hand import Difference
from gradfn.model.recording import PassedFunction

MAX_DIFFERENCES = 8


def compare(way: Between, tolerance: float) -> tuple[Difference, ...]:
    """Each function by itself: what it received, and what it made of that, beside the formula's.

    So the function is named that went wrong, and none of those that got its wrong gradient.
    """
    passed = way.passed
    found: list[Difference] = []
    for id in way.order:
        found += _worked_out(way, id, tolerance)
        if id in passed and len(found) < MAX_DIFFERENCES:
            found += _received(way, id, passed, tolerance)
            found += _made(way, passed[id], tolerance)
    return tuple(found[:MAX_DIFFERENCES])


def _worked_out(way: Between, id: str, tolerance: float) -> list[Difference]:
    """A result that its inputs do not give."""
    recorded = way.values[id].get("result")
    if not way.edges[id] or not isinstance(recorded, Array):
        return []
    try:
        again = forward(way.operation(id), way.values[id])
    except (CannotWorkOut, CannotFollow):
        return []
    if not _apart(again, recorded, tolerance):
        return []
    return [Difference("value", id, None, tensor_value(again), tensor_value(recorded))]


def _received(
    way: Between, id: str, passed: Mapping[str, PassedFunction], tolerance: float
) -> list[Difference]:
    """A gradient that is not the sum of what was sent: a hook changed it."""
    sent: dict[int, Array] = {}
    for each in passed.values():
        function = way.functions.get(each.function or "")
        edges = function.next_functions if function else ()
        for following, grad in zip(edges, each.grad_inputs, strict=False):
            if following and following.function == id and grad is not None:
                if (part := array_of(grad)) is None:
                    return []
                before = sent.get(following.input_nr)
                sent[following.input_nr] = part if before is None else before + part
    if id == way.root.grad_fn:  # it also got the seed
        return []
    found = []
    for nr, grad in enumerate(passed[id].grad_outputs):
        told = array_of(grad)
        if told is not None and nr in sent and _apart(sent[nr], told, tolerance):
            found.append(
                Difference("received", id, None, tensor_value(sent[nr]), tensor_value(told))
            )
    return found


def _made(way: Between, told: PassedFunction, tolerance: float) -> list[Difference]:
    id, found = told.function or "", []
    grads = [array_of(grad) for grad in told.grad_outputs]
    if any(grad is None and value for grad, value in zip(grads, told.grad_outputs, strict=True)):
        return []
    for edge in way.edges[id]:
        if edge.slot >= len(told.grad_inputs):
            continue
        made = array_of(told.grad_inputs[edge.slot])
        try:
            by_hand = worked_out(way, edge, grads)
        except CannotFollow:
            continue
        if made is not None and _apart(by_hand, made, tolerance):
            found.append(
                Difference("gradient", id, edge.argument, tensor_value(by_hand), tensor_value(made))
            )
    return found


def _apart(a: Array, b: Array, tolerance: float) -> bool:
    try:
        b = sum_to(b, a.shape)  # the engine sums what broadcasting had copied only afterwards
    except ValueError:
        return True
    scale = max([1e-6, *(abs(x) for x in (*a.data, *b.data) if math.isfinite(x))])
    return any(
        not (abs(x - y) <= tolerance * scale or x == y or (x != x and y != y))
        for x, y in zip(a.data, b.data, strict=True)
    )
