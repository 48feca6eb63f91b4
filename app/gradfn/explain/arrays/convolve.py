"""Convolutions, as PyTorch has them (cross-correlations), and their vector-Jacobian products."""

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from gradfn.explain.arrays.array import Array, bounded, strides_of
from gradfn.explain.arrays.notation import ATOM, PRODUCT, SUM, Table


def sizes_of(value: Any, dims: int) -> list[int]:
    """A size for each dimension, of one number or several."""
    given = list(value) if isinstance(value, list | tuple) else [value]
    return [int(given[nr if len(given) > 1 else 0]) for nr in range(dims)]


def _taps(
    a: Array, w: Array, stride: Any, padding: Any, dilation: Any,
    transposed: Any = False, output_padding: Any = 0, groups: int = 1,
) -> tuple[tuple[int, ...], Iterator[tuple[int, int, int]]]:  # fmt: skip
    """The shape of a convolution, and (output, input, weight) of every product in it."""
    batch, channels, *spatial = a.shape
    dims = len(spatial)
    stride, padding, dilation = (sizes_of(each, dims) for each in (stride, padding, dilation))
    kernel = w.shape[2:]
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
    if transposed:
        extra = sizes_of(output_padding, dims)
        size = [
            (n - 1) * stride[d] - 2 * padding[d] + reach[d] + extra[d]
            for d, n in enumerate(spatial)
        ]
        wide, narrow, slots = size, spatial, w.shape[1]
    else:
        size = [(n + 2 * padding[d] - reach[d]) // stride[d] + 1 for d, n in enumerate(spatial)]
        wide, narrow, slots = spatial, size, w.shape[0] // groups
    outputs = slots * groups
    shape = (batch, outputs, *size)
    # One end of every tap lies on the strided grid (narrow), the other on the full one (wide).
    bounded(math.prod(narrow) * math.prod(kernel))
    bounded(batch * channels * slots)
    bounded(math.prod(shape))
    near, far, tap = strides_of(tuple(narrow)), strides_of(tuple(wide)), strides_of(tuple(kernel))
    pairs = []
    for at in itertools.product(*map(range, narrow)):
        for k in itertools.product(*map(range, kernel)):
            to = [
                i * stride[d] - padding[d] + j * dilation[d]
                for d, (i, j) in enumerate(zip(at, k, strict=True))
            ]
            if all(0 <= each < wide[d] for d, each in enumerate(to)):
                pairs.append((dot_of(at, near), dot_of(to, far), dot_of(k, tap)))
    sizes = math.prod(spatial), math.prod(size), math.prod(kernel)
    return shape, _products(pairs, batch, channels, outputs, groups, sizes, bool(transposed))


def _products(
    pairs: list[tuple[int, int, int]],
    batch: int,
    channels: int,
    outputs: int,
    groups: int,
    sizes: tuple[int, int, int],
    transposed: bool,
) -> Iterator[tuple[int, int, int]]:
    per_group, slots = channels // groups, outputs // groups
    for n, c, slot in itertools.product(range(batch), range(channels), range(slots)):
        group = c // per_group
        o = group * slots + slot
        into, out = (n * channels + c) * sizes[0], (n * outputs + o) * sizes[1]
        plane = (c * slots + slot) if transposed else (o * per_group + c % per_group)
        for near, far, k in pairs:
            i, p = (near, far) if transposed else (far, near)
            yield out + p, into + i, plane * sizes[2] + k


def dot_of(a: Sequence[int], b: Sequence[int]) -> int:
    """The place in memory of an index, with these strides."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def conv(a: Array, w: Array, bias: Array | None, *geometry: Any) -> Array:
    """The convolution as PyTorch has it (a cross-correlation), transposed or not."""
    shape, taps = _taps(a, w, *geometry)
    plane = math.prod(shape[2:])
    data = [bias.data[nr // plane % shape[1]] if bias else 0.0 for nr in range(math.prod(shape))]
    for out, into, k in taps:
        data[out] += a.data[into] * w.data[k]
    return Array(shape, data)


def conv_input(grad: Array, a: Array, w: Array, *geometry: Any) -> Array:
    """vᵀ·J for the input."""
    data = [0.0] * a.size
    for out, into, k in _taps(a, w, *geometry)[1]:
        data[into] += grad.data[out] * w.data[k]
    return Array(a.shape, data)


def conv_weight(grad: Array, a: Array, w: Array, *geometry: Any) -> Array:
    """vᵀ·J for the weight."""
    data = [0.0] * w.size
    for out, into, k in _taps(a, w, *geometry)[1]:
        data[k] += grad.data[out] * a.data[into]
    return Array(w.shape, data)


def per_channel(grad: Array) -> Array:
    """The sum over everything but the channels, dimension 1."""
    channels, plane = grad.shape[1], math.prod(grad.shape[2:])
    data = [0.0] * channels
    for nr, number in enumerate(grad.data):
        data[nr // plane % channels] += number
    return Array((channels,), data)


def along_channels(a: Array | None, like: Array, otherwise: float = 0.0) -> Array:
    """One number a channel, shaped so that it broadcasts over `like`."""
    shape = (1, like.shape[1], *[1] * (like.ndim - 2))
    return Array(shape, a.data if a is not None else [otherwise] * like.shape[1])


FUNCTIONS: Table = {
    "conv": (conv, r"b_o + \sum_{c,\,k} w_{o,c,k}\; x_{c,\,s \cdot i + k - p}", SUM),
    "conv_input": (
        conv_input, r"\sum_{o,\,k} v_{o,\,i}\; w_{o,c,k}"
        r"\quad\text{for } j = s \cdot i + k - p", SUM,
    ),
    "conv_weight": (
        conv_weight,
        r"\sum_{i} v_{o,\,i}\; x_{c,\,s \cdot i + k - p}", SUM,
    ),
    "per_channel": (per_channel, r"\sum_{n,\,i} @1", PRODUCT),
    "channels": (along_channels, "#1", ATOM),
}  # fmt: skip
