"""Losses: the parts that have cases or several steps."""

import math
from typing import Any

from gradfn.explain.arrays.array import Array, combine, full, mean_of, reshape, sum_of
from gradfn.explain.arrays.indices import put_gather
from gradfn.explain.arrays.notation import ATOM, POWER, PRODUCT, Table
from gradfn.explain.arrays.shapes import unsqueeze


def reduced(a: Array, reduction: int) -> Array:
    """As it is, its mean or its sum."""
    return a if reduction == 0 else mean_of(a) if reduction == 1 else sum_of(a)


def shared(grad: Array, like: Array, reduction: int) -> Array:
    """The gradient that reaches every element of what was reduced."""
    return grad / like.size if reduction == 1 else grad


def _class_dim(a: Array) -> int:
    return 1 if a.ndim > 1 else 0


def chosen(target: Array, a: Array, weight: Any, ignore: int) -> Array:
    """The weight of the target class at its place, zeros elsewhere."""
    dim = _class_dim(a)
    at = unsqueeze(target, dim)
    weights = [
        0.0 if int(t) == ignore else 1.0 if weight is None else weight.data[int(t)]
        for t in target.data
    ]
    safe = at.map(lambda t: 0.0 if int(t) == ignore else t)
    return put_gather(full(a.shape, 0.0), dim, safe, Array(at.shape, weights))


def weighted(losses: Array, weights: Array, reduction: int) -> Array:
    """The losses, their mean by weight, or their sum."""
    total = sum_of(losses)
    return losses if reduction == 0 else total / sum_of(weights) if reduction == 1 else total


def weighted_share(grad: Array, weights: Array, reduction: int) -> Array:
    """vᵀ·J of `weighted`, for what the weights multiply."""
    if reduction == 0:
        return unsqueeze(grad, _class_dim(weights)) * weights
    return grad * (weights / sum_of(weights) if reduction == 1 else weights)


def _margins(
    a: Array, target: Array, p: float, margin: float, weight: Any
) -> list[list[tuple[float, int]]]:
    rows = reshape(a, (-1, a.shape[-1]))
    found = []
    for nr, t in enumerate(map(int, target.data)):
        row = rows.data[nr * rows.shape[1] : (nr + 1) * rows.shape[1]]
        found.append([(max(0.0, margin - row[t] + x), t) for x in row])
    return found


def margin_loss(a: Array, target: Array, p: float, margin: float, weight: Any) -> Array:
    """The multi-class margin loss of every row."""
    data = [
        math.fsum(m**p for j, (m, t) in enumerate(row) if j != t)
        * (weight.data[row[0][1]] if weight else 1.0) / len(row)
        for row in _margins(a, target, p, margin, weight)
    ]  # fmt: skip
    return Array(target.shape, data)


def margin_slope(a: Array, target: Array, p: float, margin: float, weight: Any) -> Array:
    """Its derivative for every element."""
    data = []
    for row in _margins(a, target, p, margin, weight):
        t = row[0][1]
        factor = p * (weight.data[t] if weight else 1.0) / len(row)
        line = [factor * m ** (p - 1) if m > 0 and j != t else 0.0 for j, (m, _) in enumerate(row)]
        line[t] = -math.fsum(line)
        data += line
    return Array(a.shape, data)


def margin_share(grad: Array, a: Array, reduction: int) -> Array:
    """The gradient that reaches every row."""
    rows = a.shape[0] if a.ndim > 1 else 1
    return unsqueeze(grad, -1) if reduction == 0 else grad / rows if reduction == 1 else grad


def _reduced_latex(losses: str, *rest: str) -> str:
    """As `reduction`, the last argument, says."""
    if rest[-1] == "0":
        return losses
    name = "sum" if rest[-1] == "2" else "mean"
    return rf"\operatorname{{{name}}}\left({losses}\right)"


def _shared_latex(grad: str, *rest: str) -> str:
    """As `reduction`, the last argument, says."""
    return grad if rest[-1] in ("0", "2") else rf"\frac{{{grad}}}{{n}}"


FUNCTIONS: Table = {
    "reduced": (reduced, _reduced_latex, ATOM),
    "shared": (shared, _shared_latex, POWER),
    "chosen": (chosen, r"w_{t}", ATOM),
    "class_sum": (
        lambda a, weights: sum_of(
            combine(lambda x, w: x * w if w else 0.0, a, weights), _class_dim(a)
        ),
        r"#2\, #1_{t}",
        PRODUCT,
    ),
    "weighted": (weighted, _reduced_latex, ATOM),
    "weighted_share": (weighted_share, _shared_latex, POWER),
    "margin_loss": (margin_loss, "#1", ATOM),
    "margin_slope": (
        margin_slope,
        r"\frac{\partial}{\partial x} \sum_{j \ne t} \max(0,\, m - x_t + x_j)^p",
        PRODUCT,
    ),
    "margin_share": (margin_share, _shared_latex, POWER),
}
