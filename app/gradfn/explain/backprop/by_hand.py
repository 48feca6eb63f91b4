"""Backpropagation by hand for a root and a leaf, compared with autograd and finite differences."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from gradfn.explain.arrays.array import Array, full
from gradfn.explain.backprop.checks import compare
from gradfn.explain.backprop.kinks import note_on
from gradfn.explain.backprop.paths import (
    Gradients,
    accumulate,
    count_paths,
    each_path,
    products,
    taken_from_autograd,
)
from gradfn.explain.backprop.replay import finite_differences
from gradfn.explain.backprop.subgraph import CannotFollow, Edge, Subgraph, scalar, subgraph
from gradfn.explain.formulas.argument_values import ArgumentValues
from gradfn.explain.formulas.arguments import array_of
from gradfn.explain.formulas.evaluate import CannotCompute, local, with_results
from gradfn.explain.formulas.expression import matrix_latex
from gradfn.explain.formulas.jacobians import jacobian, tensor_value
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.explain.time_budget import TimeBudget
from gradfn.model.by_hand import ByHand, Factor, Path
from gradfn.model.document import RunDocument, Tensor, TensorValue
from gradfn.model.recording import BackwardPass

MAX_PATHS = 32  # listed one by one; more are grouped by their last step
MAX_COUNT = 2**53 - 1  # the largest integer that JavaScript keeps exact
MAX_PAIRS = 12
MAX_UNASKED = 1_000  # functions of a graph; in a larger one, only pairs that are asked for
MAX_ROOTS = 4
SECONDS = 0.3  # of work for all pairs of a run
TOLERANCES = {"float64": 1e-7, "float32": 1e-3}
COARSE = 5e-2  # of float16, bfloat16


def backprops(
    document: RunDocument,
    root: str | None = None,
    leaf: str | None = None,
    known: ArgumentValues | None = None,
) -> tuple[ByHand, ...]:
    """For each root and each leaf that it leads to, as far as they are few.

    Roots are those of the backward passes and what scalars have a name, or the tensor of this name,
    or of this id where none has the name.
    """
    if root is None and leaf is None and len(document.graph.functions) > MAX_UNASKED:
        return ()
    roots, leaves = _roots(document, root), _leaves(document, leaf)
    found: list[ByHand] = []
    known = known or ArgumentValues(document)
    budget = TimeBudget(SECONDS)
    for one in roots[:MAX_ROOTS]:
        for other in leaves[:MAX_PAIRS]:
            if len(found) == MAX_PAIRS or budget.is_over:
                return tuple(found)
            if account := by_hand(document, one, other, known, budget):
                found.append(account)
    return tuple(found)


def _roots(document: RunDocument, name: str | None) -> list[Tensor]:
    made = [each for each in _called(document, name) if each.grad_fn]
    if name is not None:
        return made
    passed = {root for run in document.backward for root in run.roots}
    wanted = (each for each in made if each.id in passed or (each.names and _is_scalar(each)))
    return sorted(wanted, key=lambda root: root.id not in passed)


def _leaves(document: RunDocument, name: str | None) -> list[Tensor]:
    return [each for each in _called(document, name) if each.is_leaf and each.requires_grad]


def _called(document: RunDocument, name: str | None) -> Sequence[Tensor]:
    """The tensors of this name, or of this id where none has the name; of None all."""
    tensors = document.graph.tensors
    named = [each for each in tensors if name is None or name in each.names]
    return named or [each for each in tensors if each.id == name]


def _is_scalar(tensor: Tensor) -> bool:
    return tensor.value is not None and math.prod(tensor.value.shape) == 1


def by_hand(
    document: RunDocument, root: Tensor, leaf: Tensor, known: ArgumentValues, budget: TimeBudget
) -> ByHand | None:
    """The account of one pair; None when no path leads from the root to the leaf."""
    run = _pass_from(document, root)
    seed = _seed(root, run)
    if seed is None:
        return None
    autograd = _autograd(document, run, leaf)
    account = _Account(root.id, leaf.id, seed, autograd)
    try:
        part = subgraph(document.graph, root, leaf, known, budget, run)
        return None if part is None else account.along(part)
    except CannotFollow as why:
        return account.nothing(str(why))


def _pass_from(document: RunDocument, root: Tensor) -> BackwardPass | None:
    """The last backward pass that started from this root."""
    return next((run for run in reversed(document.backward) if root.id in run.roots), None)


def _seed(root: Tensor, run: BackwardPass | None) -> Array | None:
    """The gradient that the pass began with; ones where there was no pass."""
    if run is not None and root.id in run.roots:
        nr = run.roots.index(root.id)
        if nr < len(run.seed) and (given := array_of(run.seed[nr])):
            return given
    return None if root.value is None else full(tuple(root.value.shape), 1.0)


def _autograd(document: RunDocument, run: BackwardPass | None, leaf: Tensor) -> TensorValue | None:
    """What the pass added to `.grad` of the leaf, or what autograd.grad() gave for it.

    None of a pass with several roots, for it gave the sum over them.
    """
    if run is not None and len(run.roots) > 1:
        return None
    for change in run.accumulated if run else ():
        if change.tensor == leaf.id and (after := array_of(change.after)):
            before = array_of(change.before) if change.before else full(after.shape, 0.0)
            return tensor_value(after - before) if before else None
    if run is None or run.call != "grad" or run.truncated:
        return None
    ends = {each.id for each in document.graph.functions if each.variable == leaf.id}
    edges = {each.id: each.next_functions for each in document.graph.functions}
    sent = [
        grad
        for passed in run.functions
        for edge, value in zip(
            edges.get(passed.function or "", ()), passed.grad_inputs, strict=False
        )
        if edge is not None and edge.function in ends and (grad := array_of(value)) is not None
    ]
    total = sent[0] if sent else None
    for grad in sent[1:]:
        total = total + grad if total is not None else None
    return tensor_value(total) if total is not None else None


class _Account:
    """Builds the account of one root and leaf."""

    def __init__(self, root: str, leaf: str, seed: Array, autograd: TensorValue | None) -> None:
        self._root, self._leaf, self._seed, self._autograd = root, leaf, seed, autograd

    def nothing(self, note: str) -> ByHand:
        """Nothing could be computed."""
        return ByHand(
            self._root, self._leaf, tensor_value(self._seed), 0, False, (), None,
            self._autograd, None, None, note=note,
        )  # fmt: skip

    def along(self, part: Subgraph) -> ByHand:
        """The whole account."""
        reached, edges = accumulate(part, self._seed)
        counts = count_paths(part)
        ends = [id for id in part.order if not part.edges[id]]
        count = sum(counts[id] for id in ends)
        total = reached[ends[0]][0]
        for id in ends[1:]:
            total = total + reached[id][0]  # type: ignore[operator]
        assert total is not None
        grouped = count > MAX_PATHS
        paths = _grouped(part, reached, edges, counts) if grouped else _listed(part, self._seed)
        steps, kink, note = None, False, None
        try:
            steps, kink = finite_differences(part, _leaf_value(part), self._seed)
        except CannotFollow as why:
            note = f"No finite differences: {why}"
        taken = taken_from_autograd(part)
        if taken:
            note = f"Taken from autograd itself: {' '.join(list(taken.values())[:3])}"
        given = array_of(self._autograd)
        tolerance = TOLERANCES.get(part.dtype, COARSE)
        scale = _scale(edges[each] for each in edges if not part.edges[each.target])
        as_autograd = None if given is None else _close(total, given, tolerance, scale)
        as_steps = None if steps is None else _close(total, steps, tolerance, scale)
        if as_steps is False and as_autograd is not False and (kink or not _is_finite(total)):
            kinked = note_on(part.functions[id] for id in part.order)
            as_steps, note = None, kinked if _is_finite(total) else _NOT_FINITE
        known = [each for each in (as_autograd, as_steps) if each is not None]
        agrees = all(known) if known else None
        return ByHand(
            root=self._root,
            leaf=self._leaf,
            seed=tensor_value(self._seed),
            count=min(count, MAX_COUNT),
            grouped=grouped,
            paths=paths,
            total=tensor_value(total),
            autograd=self._autograd,
            finite_differences=None if steps is None else tensor_value(steps),
            # What was taken from autograd cannot show that autograd is wrong.
            agrees=None if taken and not agrees else agrees,
            differences=compare(part, tolerance),
            latex=None if grouped else _equation(part, paths, total),
            note=note,
        )


def _leaf_value(part: Subgraph) -> Array:
    """The leaf's value when the operations used it; it may have been trained since."""
    for id in reversed(part.order):
        for edge in part.edges[id]:
            if not part.edges[edge.target]:
                value = part.values[id].get(edge.argument)
                value = value[edge.nr] if isinstance(value, list) else value
                if isinstance(value, Array):
                    return value
    raise CannotFollow("the leaf's value is not known.")


_NOT_FINITE = "The gradient is not finite, so finite differences say nothing about it."


def _is_finite(a: Array) -> bool:
    return all(map(math.isfinite, a.data))


def _scale(terms: Iterable[Array]) -> float:
    """The largest number in a sum, by which its rounding errors are judged: it may cancel out."""
    return max((abs(x) for term in terms for x in term.data if math.isfinite(x)), default=0.0)


def _close(a: Array, b: Array, tolerance: float, scale: float = 0.0) -> bool:
    scale = max([1e-6, scale, *(abs(x) for x in a.data if math.isfinite(x))])
    return a.shape == b.shape and all(
        abs(x - y) <= tolerance * scale or x == y or (x != x and y != y)
        for x, y in zip(a.data, b.data, strict=True)
    )


def _listed(part: Subgraph, seed: Array) -> tuple[Path, ...]:
    found = []
    for path in each_path(part):
        after = products(part, path, seed)
        factors = (_factor(part, *step) for step in zip(path, after, strict=True))
        found.append(Path(tuple(factors), tensor_value(after[-1] if after else seed)))
    return tuple(found)


def _grouped(
    part: Subgraph, reached: Gradients, along: Mapping[Edge, Array], counts: Mapping[str, int]
) -> tuple[Path, ...]:
    """All paths that reach the leaf by the same last edge, together."""
    last = [edge for edge in along if not part.edges[edge.target]]
    return tuple(
        Path(
            (_factor(part, edge, along[edge]),),
            tensor_value(along[edge]),
            min(counts[edge.function], MAX_COUNT),
        )
        for edge in last[:MAX_PATHS]
    )


def _factor(part: Subgraph, edge: Edge, product: Array) -> Factor:
    operation, values = (
        OPERATIONS.get(part.functions[edge.function].name),
        part.values[edge.function],
    )
    slope = operation.slopes.get(edge.argument) if operation else None
    shown, found = None, None
    if operation is None or slope is None:
        pass
    elif slope.elementwise:
        try:
            found = local(slope, with_results(operation, values))
        except CannotCompute:
            found = None
        shown = tensor_value(found) if found is not None else None
    else:
        shown = jacobian(operation, edge.argument, values, edge.nr)
    if found is None and shown is not None and math.prod(shown.shape) == 1:
        found = array_of(shown)
    quotient = rf"\frac{{\partial {_name(part, edge.function)}}}{{\partial {_target(part, edge)}}}"
    latex = quotient if found is None or found.size > 9 else f"{quotient} = {matrix_latex(found)}"
    return Factor(edge.function, edge.argument, latex, shown, tensor_value(product))


def _equation(part: Subgraph, paths: tuple[Path, ...], total: Array) -> str | None:
    """∂y/∂w = ∂y/∂a · ∂a/∂w + … = 2 · 1 + … = 5, where every factor is one number."""
    if not scalar(total) or not all(p.factors for p in paths) or len(paths) > 6:
        return None
    quotients, numbers = [], []
    for path in paths:
        parts = [each.latex.split(" = ") for each in path.factors]
        if any(len(part) != 2 or "matrix" in part[1] for part in parts):
            return None
        quotients.append(r" \cdot ".join(left for left, _ in parts))
        numbers.append(r" \cdot ".join(_bracketed(right) for _, right in parts))
    root, leaf = _tensor_name(part.root), _tensor_name(part.leaf)
    whole = rf"\frac{{\partial {root}}}{{\partial {leaf}}}"
    lines = [" + ".join(quotients), " + ".join(numbers), matrix_latex(total)]
    lines = list(dict.fromkeys(line for line in lines if line != whole))
    body = r" \\ ".join(f"&= {line}" for line in lines)
    return rf"\begin{{aligned}} {whole} {body} \end{{aligned}}"


def _bracketed(number: str) -> str:
    return rf"\left({number}\right)" if number.startswith("-") else number


def _name(part: Subgraph, function: str) -> str:
    """The output of a function by its name in the program."""
    for tensor in part.graph.tensors:
        if tensor.grad_fn == function and tensor.names:
            return _tensor_name(tensor)
    return f"z_{{{function[1:]}}}"


def _target(part: Subgraph, edge: Edge) -> str:
    if not part.edges[edge.target]:
        return _tensor_name(part.leaf)
    return _name(part, edge.target)


def _tensor_name(tensor: Tensor) -> str:
    """A name as LaTeX; one that is not a Python name is not put into a formula."""
    for name in tensor.names:
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]{0,40}", name):
            return name if len(name) == 1 else r"\mathrm{" + name.replace("_", r"\_") + "}"
    return f"t_{{{tensor.id[1:]}}}"
