"""Norms, distances, and the elements that a reduction chose: ties share a gradient evenly."""

import math
from collections.abc import Callable
from typing import Any

from gradfn.explain.arrays import special
from gradfn.explain.arrays.array import (
    Array,
    count,
    dims_of,
    expand,
    permute,
    reduce,
    spread,
    sum_of,
)
from gradfn.explain.arrays.notation import ATOM, PRODUCT, Table
from gradfn.explain.arrays.shapes import unsqueeze


def norm_slope(a: Array, p: Any, dim: Any = None) -> Array:
    """The derivative of the p-norm along `dim` for every element; 0 where the norm is."""
    p = 2.0 if p is None else float(p)

    def shares(line: list[float]) -> list[float]:
        sizes = list(map(abs, line))
        if p == 0:
            return [0.0] * len(line)
        if math.isinf(p):
            top = max(sizes) if p > 0 else min(sizes)
            ties = sizes.count(top)
            return [special.sign(x) / ties if abs(x) == top else 0.0 for x in line]
        norm = math.fsum(x**p for x in sizes) ** (1 / p)
        if norm == 0:
            return [0.0] * len(line)
        return [special.sign(x) * (abs(x) / norm) ** (p - 1) if x else 0.0 for x in line]

    return _along(shares, a, dim)


def _along(function: Callable[[list[float]], list[float]], a: Array, dim: Any) -> Array:
    """As `along`, for several dimensions at once."""
    dims = dims_of(dim, a.ndim)
    order = [d for d in range(a.ndim) if d not in dims] + list(dims)
    moved = permute(a, order)
    size = int(count(a, dim))
    data = [x for at in range(0, a.size, size) for x in function(moved.data[at : at + size])]
    return permute(Array(moved.shape, data), [order.index(d) for d in range(a.ndim)])


def tied(a: Array, result: Array, dim: Any = None, keepdim: Any = False) -> Array:
    """1 over the number of ties, where an element is the extreme one."""
    equal = a == spread(result, a, dim, keepdim)
    return equal / sum_of(equal, dim, True)


def _median(line: list[float]) -> float:
    return sorted(line)[(len(line) - 1) // 2]


def renorm_factor(a: Array, p: float, dim: int, maxnorm: float) -> Array:
    """What each slice along `dim` is multiplied with."""
    rest = [d for d in range(a.ndim) if d != dim % a.ndim]
    norms = _norms(a, p, rest)
    return norms.map(lambda x: maxnorm / (x + 1e-7) if x > maxnorm else 1.0)


def _norms(a: Array, p: float, dims: Any) -> Array:
    return reduce(lambda line: math.fsum(abs(x) ** p for x in line) ** (1 / p), a, dims, True)


def renorm_back(grad: Array, a: Array, p: float, dim: int, maxnorm: float) -> Array:
    """vᵀ·J of `renorm`."""
    rest = [d for d in range(a.ndim) if d != dim % a.ndim]
    norms = _norms(a, p, rest)
    share = norm_slope(a, p, rest) * sum_of(grad * a, rest, True)
    pulled = maxnorm / (norms + 1e-7) * (grad - share / (norms + 1e-7))
    above = expand(norms, a.shape).data
    pairs = zip(pulled.data, grad.data, above, strict=True)
    return Array(a.shape, [x if norm > maxnorm else v for x, v, norm in pairs])


def pairs(a: Array, b: Array) -> Array:
    """Every row of one minus every row of the other."""
    return unsqueeze(a, -2) - unsqueeze(b, -3)


FUNCTIONS: Table = {
    "norm_slope": (
        norm_slope,
        r"\operatorname{sign}\left(#1\right)"
        r"\left(\frac{\left|#1\right|}{\left\|#1\right\|_{#2}}\right)^{#2 - 1}",
        PRODUCT,
    ),
    "tied": (tied, r"\left[#1 = #2\right]", ATOM),
    "median": (
        lambda a, dim=None, keepdim=False: reduce(_median, a, dim, bool(keepdim)),
        r"\operatorname{median} @1",
        PRODUCT,
    ),
    "kth": (
        lambda a, k, dim, keepdim: reduce(lambda x: sorted(x)[int(k) - 1], a, dim, bool(keepdim)),
        r"\text{the } #2\text{-th smallest of } #1",
        PRODUCT,
    ),
    "renorm_factor": (renorm_factor, r"\min\left(1, \frac{#4}{\left\|#1\right\|}\right)", ATOM),
    "renorm_back": (renorm_back, "#1", ATOM),
    "cdist": (
        lambda a, b, p: reduce(
            lambda line: math.fsum(abs(x) ** p for x in line) ** (1 / p), pairs(a, b), -1
        ),
        r"\left\|#1_i - #2_j\right\|_{#3}",
        ATOM,
    ),
    "pairs": (pairs, r"\left(#1_i - #2_j\right)", ATOM),
}
