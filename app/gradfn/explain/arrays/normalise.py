"""Layer, group and batch normalisation, and their vector-Jacobian products."""

import math
from typing import Any

from gradfn.explain.arrays.array import Array, expand, mean_of, reduce, reshape
from gradfn.explain.arrays.notation import ATOM, POWER, Table


def _inverse_std(a: Array, dims: Any, eps: float) -> Array:
    def of(line: list[float]) -> float:
        mean = math.fsum(line) / len(line)
        return 1 / math.sqrt(math.fsum((x - mean) ** 2 for x in line) / len(line) + eps)

    return reduce(of, a, dims, True)


def normal(a: Array, dims: Any, eps: float) -> Array:
    """Mean 0 and variance 1 along these dimensions."""
    return (a - mean_of(a, dims, True)) * _inverse_std(a, dims, eps)


def normal_back(h: Array, a: Array, dims: Any, eps: float) -> Array:
    """vᵀ·J of `normal`."""
    x = normal(a, dims, eps)
    rest = h - mean_of(h, dims, True) - x * mean_of(h * x, dims, True)
    return rest * _inverse_std(a, dims, eps)


def _groups(a: Array, group: int) -> Array:
    return reshape(a, (a.shape[0] * group, -1))


def group_normal(a: Array, group: int, eps: float) -> Array:
    """Mean 0 and variance 1 in every group of channels."""
    return reshape(normal(_groups(a, group), -1, eps), a.shape)


def group_back(h: Array, a: Array, group: int, eps: float) -> Array:
    """vᵀ·J of `group_normal`."""
    h = expand(h, a.shape)
    return reshape(normal_back(_groups(h, group), _groups(a, group), -1, eps), a.shape)


def _batch_dims(a: Array) -> list[int]:
    return [dim for dim in range(a.ndim) if dim != 1]


def _channel(a: Array, like: Array) -> Array:
    return reshape(a, (1, -1, *[1] * (like.ndim - 2)))


def batch_normal(a: Array, mean: Any, var: Any, training: Any, eps: float) -> Array:
    """Normalised over the batch in training, by the running statistics otherwise."""
    if training:
        return normal(a, _batch_dims(a), eps)
    return (a - _channel(mean, a)) * _channel(var, a).map(lambda x: 1 / math.sqrt(x + eps))


def batch_back(h: Array, a: Array, mean: Any, var: Any, training: Any, eps: float) -> Array:
    """vᵀ·J of `batch_normal`."""
    if training:
        return normal_back(h, a, _batch_dims(a), eps)
    return h * _channel(var, a).map(lambda x: 1 / math.sqrt(x + eps))


FUNCTIONS: Table = {
    "last": (lambda sizes: list(range(-len(sizes), 0)), "#1", ATOM),
    "normal": (normal, r"\frac{#1 - \mu}{\sigma}", POWER),
    "normal_back": (normal_back, "#1", ATOM),
    "group_normal": (group_normal, r"\frac{#1 - \mu}{\sigma}", POWER),
    "group_back": (group_back, "#1", ATOM),
    "batch_normal": (batch_normal, r"\frac{#1 - \mu}{\sigma}", POWER),
    "batch_back": (batch_back, "#1", ATOM),
}
