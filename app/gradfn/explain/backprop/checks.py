"""Where autograd and the formulas differ: at which function, for which argument."""

import math
from collections.abc import Mapping

from gradfn.explain.arrays.array import Array, sum_to
from gradfn.explain.backprop.paths import computed_gradient
from gradfn.explain.backprop.subgraph import CannotFollow, Subgraph
from gradfn.explain.formulas.arguments import array_of
from gradfn.explain.formulas.evaluate import CannotCompute, forward
from gradfn.explain.formulas.jacobians import tensor_value
from gradfn.model.by_hand import Difference
from gradfn.model.recording import PassedFunction

MAX_DIFFERENCES = 8


LARGEST = {"float32": 3.4028235e38, "float16": 65504.0, "bfloat16": 3.3895314e38}


def compare(part: Subgraph, tolerance: float) -> tuple[Difference, ...]:
    """Each function by itself: what it received, and what it computed from it, against its formula.

    So the function that is wrong is named, and not those that got its wrong gradient.
    """
    passed = part.passed
    found: list[Difference] = []
    for id in part.order:
        found += _recomputed(part, id, tolerance)
        if id in passed and len(found) < MAX_DIFFERENCES:
            found += _received(part, id, passed, tolerance)
            found += _made(part, passed[id], tolerance)
    return tuple(found[:MAX_DIFFERENCES])


def _recomputed(part: Subgraph, id: str, tolerance: float) -> list[Difference]:
    """A result that does not follow from its inputs."""
    recorded = part.values[id].get("result")
    if not part.edges[id] or not isinstance(recorded, Array):
        return []
    try:
        again = forward(part.operation(id), part.values[id])
    except (CannotCompute, CannotFollow):
        return []
    largest = LARGEST.get(part.dtype, math.inf)
    again = again.map(lambda x: math.copysign(math.inf, x) if abs(x) > largest else x)
    if not _apart(again, recorded, tolerance):
        return []
    return [Difference("value", id, None, tensor_value(again), tensor_value(recorded))]


def _received(
    part: Subgraph, id: str, passed: Mapping[str, PassedFunction], tolerance: float
) -> list[Difference]:
    """A gradient that is not the sum of what was sent: a hook changed it."""
    sent: dict[int, Array] = {}
    for each in passed.values():
        function = part.functions.get(each.function or "")
        edges = function.next_functions if function else ()
        for following, grad in zip(edges, each.grad_inputs, strict=False):
            if following and following.function == id and grad is not None:
                if (amount := array_of(grad)) is None:
                    return []
                before = sent.get(following.input_nr)
                sent[following.input_nr] = amount if before is None else before + amount
    if id == part.root.grad_fn:  # it also got the seed
        return []
    found = []
    for nr, grad in enumerate(passed[id].grad_outputs):
        recorded = array_of(grad)
        if recorded is not None and nr in sent and _apart(sent[nr], recorded, tolerance):
            found.append(
                Difference("received", id, None, tensor_value(sent[nr]), tensor_value(recorded))
            )
    return found


def _made(part: Subgraph, recorded: PassedFunction, tolerance: float) -> list[Difference]:
    id, found = recorded.function or "", []
    grads = [array_of(grad) for grad in recorded.grad_outputs]
    if any(
        grad is None and value for grad, value in zip(grads, recorded.grad_outputs, strict=True)
    ):
        return []
    for edge in part.edges[id]:
        if edge.slot >= len(recorded.grad_inputs):
            continue
        made = array_of(recorded.grad_inputs[edge.slot])
        try:
            by_hand = computed_gradient(part, edge, grads)
        except CannotFollow:
            continue
        if made is not None and _apart(by_hand, made, tolerance):
            found.append(
                Difference("gradient", id, edge.argument, tensor_value(by_hand), tensor_value(made))
            )
    return found


def _apart(a: Array, b: Array, tolerance: float) -> bool:
    try:
        b = sum_to(b, a.shape)  # the engine sums over broadcast dimensions only afterwards
    except ValueError:
        return True
    scale = max([1e-6, *(abs(x) for x in (*a.data, *b.data) if math.isfinite(x))])
    return any(
        not (abs(x - y) <= tolerance * scale or x == y or (x != x and y != y))
        for x, y in zip(a.data, b.data, strict=True)
    )
