"""Pooling, resampling and unfolding: sums over windows, and how they are written.

Each is a list of contributions, which output takes how much of which input. Forward reads the
list one way, the vector-Jacobian product the other way.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from gradfn.explain.arrays.array import Array, bounded, full, strides_of
from gradfn.explain.arrays.convolve import dot_of, sizes_of
from gradfn.explain.arrays.notation import ATOM, PRODUCT, Table

Contributions = tuple[tuple[int, ...], list[tuple[int, int, float]]]  # shape, (out, in, factor)


def forward(a: Array, found: Contributions) -> Array:
    """Every output: the sum of what it takes."""
    shape, contributions = found
    data = [0.0] * bounded(math.prod(shape))
    for out, into, factor in contributions:
        data[out] += factor * a.data[into]
    return Array(shape, data)


def backward(grad: Array, like: Array, found: Contributions) -> Array:
    """Every input: the sum over the outputs that took of it."""
    data = [0.0] * like.size
    for out, into, factor in found[1]:
        data[into] += factor * grad.data[out]
    return Array(like.shape, data)


Window = list[tuple[int, float]]  # inputs along one dimension, with their factors


def _separable(a: Array, lines: Sequence[Sequence[Window]]) -> Contributions:
    """Contributions over the last dimensions, given for each of them alone."""
    dims = len(lines)
    lead, spatial = a.shape[: a.ndim - dims], a.shape[a.ndim - dims :]
    steps, size = strides_of(spatial), math.prod(spatial)
    shape = (*lead, *map(len, lines))
    bounded(math.prod(lead) * math.prod(sum(map(len, line)) for line in lines))
    found, out = [], 0
    for plane in range(math.prod(lead)):
        for windows in itertools.product(*lines):
            for parts in itertools.product(*windows):
                place = sum(at * step for (at, _), step in zip(parts, steps, strict=True))
                found.append((out, plane * size + place, math.prod(f for _, f in parts)))
            out += 1
    return shape, found


def pool_windows(
    a: Array, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any, dims: int
) -> list[list[list[int]]]:
    """Of each dimension the windows of a pooling, as the indices they see (padding left out)."""
    kernel = sizes_of(kernel, dims)
    stride = sizes_of(stride or kernel, dims)
    padding, dilation = sizes_of(padding, dims), sizes_of(dilation, dims)
    lines = []
    for d, size in enumerate(a.shape[a.ndim - dims :]):
        room = size + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1
        count = (room + (stride[d] - 1 if ceil_mode else 0)) // stride[d] + 1
        if ceil_mode and (count - 1) * stride[d] >= size + padding[d]:
            count -= 1  # a window that would see padding only
        bounded(count * kernel[d])
        starts = [nr * stride[d] - padding[d] for nr in range(count)]
        taps = [[start + k * dilation[d] for k in range(kernel[d])] for start in starts]
        lines.append([[at for at in line if 0 <= at < size] for line in taps])
    return lines


def avg_windows(
    a: Array, kernel: Any, stride: Any, padding: Any, ceil_mode: Any, include: Any,
    divisor: Any = None, dims: int = 2,
) -> Contributions:  # fmt: skip
    """The contributions of an average pooling."""
    padding, sizes = sizes_of(padding, dims), sizes_of(kernel, dims)
    steps = sizes_of(stride or kernel, dims)
    lines: list[list[Window]] = []
    for d, windows in enumerate(pool_windows(a, kernel, stride, padding, 1, ceil_mode, dims)):
        size, line = a.shape[a.ndim - dims + d], []
        for nr, seen in enumerate(windows):
            start = nr * steps[d] - padding[d]
            padded = min(start + sizes[d], size + padding[d]) - start
            count = 1 if divisor else padded if include else len(seen)
            line.append([(at, 1 / count) for at in seen])
        lines.append(line)
    shape, found = _separable(a, lines)
    return shape, [(o, i, f / divisor if divisor else f) for o, i, f in found]


def adaptive_windows(a: Array, output_size: Any, dims: int = 2) -> Contributions:
    """The contributions of an adaptive average pooling."""
    lines: list[list[Window]] = []
    for size, wanted in zip(a.shape[-dims:], sizes_of(output_size, dims), strict=True):
        bounded(wanted)
        bounds = [(nr * size // wanted, -((nr + 1) * size // -wanted)) for nr in range(wanted)]
        lines.append([[(at, 1 / (end - at0)) for at in range(at0, end)] for at0, end in bounds])
    return _separable(a, lines)


def nearest(a: Array, output_size: Any, *_: Any) -> Contributions:
    """The contributions of a nearest-neighbour resampling."""
    dims = a.ndim - 2
    bounded(math.prod(sizes_of(output_size, dims)))
    pairs = zip(a.shape[2:], sizes_of(output_size, dims), strict=True)
    return _separable(a, [[[(nr * size // to, 1.0)] for nr in range(to)] for size, to in pairs])


def interpolated(a: Array, output_size: Any, align_corners: Any, *_: Any) -> Contributions:
    """The contributions of a linear (bilinear, trilinear) resampling."""
    lines: list[list[Window]] = []
    for size, to in zip(a.shape[2:], sizes_of(output_size, a.ndim - 2), strict=True):
        line: list[Window] = []
        for nr in range(bounded(to)):
            if align_corners:
                at = nr * (size - 1) / (to - 1) if to > 1 else 0.0
            else:
                at = max((nr + 0.5) * size / to - 0.5, 0.0)
            low = min(int(at), size - 1)
            line.append([(low, 1 - (at - low)), (min(low + 1, size - 1), at - low)])
        lines.append(line)
    return _separable(a, lines)


def max_pool(
    a: Array, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any, dims: int = 2
) -> Array:
    """The largest of every window."""
    windows = pool_windows(a, kernel, stride, padding, dilation, ceil_mode, dims)
    lead, spatial = a.shape[: a.ndim - dims], a.shape[a.ndim - dims :]
    steps, size = strides_of(spatial), math.prod(spatial)
    data = [
        max(a.data[plane * size + dot_of(at, steps)] for at in itertools.product(*seen))
        for plane in range(math.prod(lead))
        for seen in itertools.product(*windows)
    ]
    return Array((*lead, *map(len, windows)), data)


def unpool_add(
    grad: Array, like: Array, at: Array | None, kernel: Any, stride: Any, padding: Any,
    dilation: Any, ceil_mode: Any, dims: int = 2,
) -> Array:  # fmt: skip
    """Each gradient added where the largest element of its window lay: at `at`, where known."""
    if at is None:
        at = _largest(like, kernel, stride, padding, dilation, ceil_mode, dims)
    planes = math.prod(like.shape[: like.ndim - dims])
    inside, outside = like.size // max(planes, 1), grad.size // max(planes, 1)
    data = [0.0] * like.size
    for nr, (number, place) in enumerate(zip(grad.data, at.data, strict=True)):
        data[nr // outside * inside + int(place)] += number
    return Array(like.shape, data)


def _largest(a: Array, *geometry: Any) -> Array:
    """Where in its plane the largest element of every window lies: the first of them."""
    dims = geometry[-1]
    windows = pool_windows(a, *geometry)
    lead, spatial = a.shape[: a.ndim - dims], a.shape[a.ndim - dims :]
    steps, size = strides_of(spatial), math.prod(spatial)
    data = []
    for plane in range(math.prod(lead)):
        for seen in itertools.product(*windows):
            places = [dot_of(at, steps) for at in itertools.product(*seen)]
            data.append(float(max(places, key=lambda at: a.data[plane * size + at])))
    return Array((*lead, *map(len, windows)), data)


def patches(a: Array, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Contributions:
    """The contributions of `unfold` (im2col): each window of an image as a column."""
    batch, channels, *spatial = a.shape
    kernel = sizes_of(kernel, 2)
    dilation, padding, stride = (sizes_of(each, 2) for each in (dilation, padding, stride))
    counts = [
        (spatial[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) // stride[d] + 1
        for d in range(2)
    ]
    shape = (batch, channels * math.prod(kernel), math.prod(counts))
    bounded(math.prod(shape))
    found = []
    cells = itertools.product(
        range(batch), range(channels), *map(range, kernel), *map(range, counts)
    )
    for out, (n, c, ki, kj, i, j) in enumerate(cells):
        row = i * stride[0] - padding[0] + ki * dilation[0]
        column = j * stride[1] - padding[1] + kj * dilation[1]
        if 0 <= row < spatial[0] and 0 <= column < spatial[1]:
            into = ((n * channels + c) * spatial[0] + row) * spatial[1] + column
            found.append((out, into, 1.0))
    return shape, found


_WINDOW = r"\operatorname{window}"

FUNCTIONS: Table = {
    "avg_pool": (
        lambda a, *rest: forward(a, avg_windows(a, *rest)),
        r"\frac{1}{n} \sum_{j \in \text{window } i} @1_j", PRODUCT,
    ),
    "avg_pool_back": (
        lambda grad, a, *rest: backward(grad, a, avg_windows(a, *rest)),
        r"\frac{1}{n} \sum_{i:\, j \in \text{window } i} @1_i", PRODUCT,
    ),
    "adaptive_pool": (
        lambda a, *rest: forward(a, adaptive_windows(a, *rest)),
        r"\frac{1}{n_i} \sum_{j \in \text{window } i} @1_j", PRODUCT,
    ),
    "adaptive_pool_back": (
        lambda grad, a, *rest: backward(grad, a, adaptive_windows(a, *rest)),
        r"\sum_{i:\, j \in \text{window } i} \frac{@1_i}{n_i}", PRODUCT,
    ),
    "nearest": (
        lambda a, *rest: forward(a, nearest(a, *rest)), r"@1_{\text{nearest}(i)}", ATOM,
    ),
    "nearest_back": (
        lambda grad, a, *rest: backward(grad, a, nearest(a, *rest)),
        r"\sum_{i:\, \text{nearest}(i) = j} @1_i", PRODUCT,
    ),
    "interpolated": (
        lambda a, *rest: forward(a, interpolated(a, *rest)), r"\sum_j a_{ij}\, @1_j", PRODUCT,
    ),
    "interpolated_back": (
        lambda grad, a, *rest: backward(grad, a, interpolated(a, *rest)),
        r"\sum_i a_{ij}\, @1_i", PRODUCT,
    ),
    "max_pool": (max_pool, r"\max_{j \in \text{window } i} @1_j", PRODUCT),
    "unpool_add": (unpool_add, r"\sum_{i:\, \text{argmax}(i) = j} @1_i", PRODUCT),
    "patches": (
        lambda a, *rest: forward(a, patches(a, *rest)), r"\operatorname{unfold}\left(#1\right)",
        ATOM,
    ),
    "patches_back": (
        lambda grad, a, *rest: backward(grad, a, patches(a, *rest)),
        r"\operatorname{fold}\left(#1\right)", ATOM,
    ),
    "fold": (
        lambda a, size, kernel, dilation, padding, stride: backward(
            a, _image(a, size, kernel), patches(_image(a, size, kernel), kernel, dilation, padding,
                                                stride)
        ),
        r"\operatorname{fold}\left(#1\right)", ATOM,
    ),
    "unfold_like": (
        lambda grad, kernel, dilation, padding, stride: forward(
            grad, patches(grad, kernel, dilation, padding, stride)
        ),
        r"\operatorname{unfold}\left(#1\right)", ATOM,
    ),
}  # fmt: skip


def _image(columns: Array, size: Any, kernel: Any) -> Array:
    rows, width = sizes_of(size, 2)
    channels = columns.shape[1] // math.prod(sizes_of(kernel, 2))
    shape = (columns.shape[0], channels, rows, width)
    return full(shape, 0.0)
