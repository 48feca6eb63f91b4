"""Finite differences: the recorded operations evaluated again in float64 with the leaf changed."""

from collections.abc import Mapping

from gradfn.explain.arrays.array import Array
from gradfn.explain.backprop.subgraph import CannotFollow, Edge, Subgraph
from gradfn.explain.formulas.evaluate import CannotCompute, forward

MAX_LEAF = 36  # elements that are moved, each twice
STEP = 1e-6
KINK = 1e-2  # by which the slopes to both sides differ, as a share of the larger


def finite_differences(part: Subgraph, leaf: Array, seed: Array) -> tuple[Array, bool]:
    """The central differences of vᵀ·root for each element of the leaf, and whether any has a kink.

    Only forward formulas and values of the run are used, no derivatives.
    CannotFollow when an operation cannot be evaluated again.
    """
    if leaf.size > MAX_LEAF:
        raise CannotFollow(f"The leaf has {leaf.size} elements; the limit is {MAX_LEAF}.")
    slopes, kink = [], False
    middle = _product(replayed(part, leaf), seed)
    for nr, number in enumerate(leaf.data):
        step = STEP * max(1.0, abs(number))
        low, high = (replayed(part, _moved(leaf, nr, to)) for to in (-step, step))
        up, down = _product(high, seed), _product(low, seed)
        right, left = (up - middle) / step, (middle - down) / step
        kink = kink or abs(right - left) > KINK * max(abs(right), abs(left), 1e-6)
        slopes.append((up - down) / (2 * step))
    return Array(leaf.shape, slopes), kink


def _product(root: Array, seed: Array) -> float:
    if root.shape != seed.shape:
        raise CannotFollow("The root has a different shape when it is computed again.")
    return sum(x * v for x, v in zip(root.data, seed.data, strict=True))


def _moved(leaf: Array, nr: int, step: float) -> Array:
    data = list(leaf.data)
    data[nr] += step
    return Array(leaf.shape, data)


def replayed(part: Subgraph, leaf: Array) -> Array:
    """The root as it would be with this leaf."""
    made: dict[tuple[str, int], Array] = {}
    for id in reversed(part.order):
        if not part.edges[id]:
            made[id, 0] = leaf
            continue
        for nr in _outputs_asked(part, id):
            made[id, nr] = _forward(part, id, nr, made)
    assert part.root.grad_fn is not None
    return made[part.root.grad_fn, part.root.output_nr]


def _outputs_asked(part: Subgraph, id: str) -> set[int]:
    asked = {e.input_nr for edges in part.edges.values() for e in edges if e.target == id}
    return asked | ({part.root.output_nr} if part.root.grad_fn == id else set())


def _forward(part: Subgraph, id: str, nr: int, made: Mapping[tuple[str, int], Array]) -> Array:
    operation, values = part.operation(id), dict(part.values[id])
    edges: tuple[Edge, ...] = part.edges[id]
    for edge in edges:
        new = made[edge.target, edge.input_nr]
        old = values.get(edge.argument)
        if isinstance(old, list):
            parts = list(old)
            if edge.nr >= len(parts):
                raise CannotFollow(f"The arguments of {operation.name} are not all known.")
            parts[edge.nr] = new
            values[edge.argument] = parts
        else:
            values[edge.argument] = new
    try:
        return forward(operation, values, nr)
    except CannotCompute as why:
        raise CannotFollow(f"{operation.name} ({id}) cannot be evaluated again: {why}.") from None
