"""The chain rule along a graph: gradients by reverse accumulation, and every path by itself."""

from collections.abc import Iterator

from gradfn.explain.arrays.array import Array, sum_to
from gradfn.explain.backprop.subgraph import CannotFollow, Edge, Subgraph
from gradfn.explain.formulas.arguments import array_of
from gradfn.explain.formulas.evaluate import CannotCompute, vjp

Gradients = dict[str, list[Array | None]]  # by function, for each of its outputs


def accumulate(part: Subgraph, seed: Array) -> tuple[Gradients, dict[Edge, Array]]:
    """The gradient that reaches every function, and that of every edge."""
    reached: Gradients = {}
    along: dict[Edge, Array] = {}
    assert part.root.grad_fn is not None
    _add(reached, part.root.grad_fn, part.root.output_nr, seed)
    for id in part.order:
        for edge in part.edges[id]:
            along[edge] = through(part, edge, reached[id])
            _add(reached, edge.target, edge.input_nr, along[edge])
    return reached, along


def through(part: Subgraph, edge: Edge, grads: list[Array | None]) -> Array:
    """vᵀ·J for the argument of an edge: by its formula, else from the recorded backward pass."""
    try:
        return computed_gradient(part, edge, grads)
    except CannotFollow:
        if (recorded := _recorded(part, edge, grads)) is not None:
            return recorded
        raise


def taken_from_autograd(part: Subgraph) -> dict[str, str]:
    """The functions whose derivatives had to be taken from autograd, and why."""
    found = {}
    for id in part.order:
        for edge in part.edges[id]:
            try:
                computed_gradient(part, edge, [array_of(g) for g in part.passed[id].grad_outputs])
            except CannotFollow as why:
                found[id] = str(why)
            except KeyError:
                pass
    return found


def _recorded(part: Subgraph, edge: Edge, grads: list[Array | None]) -> Array | None:
    """The recorded gradient along the edge, if it was for the same v."""
    passed = part.passed.get(edge.function)
    if passed is None or edge.slot >= len(passed.grad_inputs):
        return None
    received = [array_of(grad) for grad in passed.grad_outputs]
    given = [*grads, *[None] * (len(received) - len(grads))]
    if len(given) != len(received) or not all(map(_are_close, given, received)):
        return None
    made, target = array_of(passed.grad_inputs[edge.slot]), part.passed.get(edge.target)
    if made is None or target is None or edge.input_nr >= len(target.grad_outputs):
        return made
    wanted = target.grad_outputs[edge.input_nr]
    try:
        return sum_to(made, tuple(wanted.shape)) if wanted else made
    except ValueError:
        return None


def _are_close(a: Array | None, b: Array | None) -> bool:
    if a is None or b is None:
        return a is b
    scale = max(map(abs, b.data), default=0.0)
    return a.shape == b.shape and all(
        abs(x - y) <= 1e-3 * scale for x, y in zip(a.data, b.data, strict=True)
    )


def computed_gradient(part: Subgraph, edge: Edge, grads: list[Array | None]) -> Array:
    """vᵀ·J for the argument of an edge, by its formula."""
    operation, function = part.operation(edge.function), part.functions[edge.function]
    filled = grads + [None] * (part.outputs(edge.function) - len(grads))
    if edge.argument not in operation.slopes:
        raise CannotFollow(
            f"{function.name} has a different number of edges than its formula has arguments."
        )
    try:
        return vjp(operation, edge.argument, part.values[edge.function], filled, edge.nr)
    except CannotCompute as why:
        raise CannotFollow(
            f"{function.name} ({function.id}) cannot be computed for {edge.argument}: {why}."
        ) from None


def _add(reached: Gradients, id: str, nr: int, grad: Array) -> None:
    grads = reached.setdefault(id, [])
    grads += [None] * (nr + 1 - len(grads))
    before = grads[nr]
    grads[nr] = grad if before is None else before + grad


def count_paths(part: Subgraph) -> dict[str, int]:
    """By function, how many paths lead from the root to it."""
    counts = dict.fromkeys(part.order, 0)
    assert part.root.grad_fn is not None
    counts[part.root.grad_fn] = 1
    for id in part.order:
        for edge in part.edges[id]:
            counts[edge.target] += counts[id]
    return counts


def each_path(part: Subgraph) -> Iterator[tuple[Edge, ...]]:
    """Every path from the root to the leaf, as its edges. Bound their number first."""
    assert part.root.grad_fn is not None
    stack: list[tuple[str, tuple[Edge, ...]]] = [(part.root.grad_fn, ())]
    while stack:
        id, path = stack.pop()
        edges = part.edges[id]
        if not edges:
            yield path
        stack += [(edge.target, (*path, edge)) for edge in reversed(edges)]


def products(part: Subgraph, path: tuple[Edge, ...], seed: Array) -> list[Array]:
    """vᵀ times the factors of a path, after each of them."""
    found: list[Array] = []
    grad, nr = seed, part.root.output_nr
    for edge in path:
        grads: list[Array | None] = [None] * nr
        grad = through(part, edge, [*grads, grad])
        nr = edge.input_nr
        found.append(grad)
    return found
