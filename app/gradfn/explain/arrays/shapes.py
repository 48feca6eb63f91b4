"""Operations that only move elements, and how each is written.

Applied to the places of a tensor (`at(self)`), each says where its elements came from, which is
all that the way back has to know.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from gradfn.explain.arrays.array import (
    Array,
    bounded,
    expand,
    full,
    permute,
    places,
    positions,
    reshape,
    strides_of,
)
from gradfn.explain.arrays.notation import ATOM, POWER, Table


def _view(a: Array, sizes: Sequence[int], strides: Sequence[int], start: int = 0) -> Array:
    return Array(sizes, [a.data[at] for at in places(sizes, strides, start)])


def transpose(a: Array, dim0: int = -2, dim1: int = -1) -> Array:
    """Two dimensions exchanged."""
    if a.ndim < 2:
        return a
    order = list(range(a.ndim))
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return permute(a, order)


def slice_(
    a: Array, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Array:
    """`a[start:end:step]` along a dimension."""
    chosen = range(a.shape[dim])[slice(start, None if end is None else min(end, 2**62), step)]
    return pick(a, dim, list(chosen))


def pick(a: Array, dim: int, chosen: list[int]) -> Array:
    """The given indices along a dimension."""
    dim %= max(a.ndim, 1)
    if a.ndim == 0:
        return a
    before, size = math.prod(a.shape[:dim]), a.shape[dim]
    after = math.prod(a.shape[dim + 1 :])
    bounded(before * len(chosen) * after)
    data = [
        a.data[(nr * size + index) * after + rest]
        for nr in range(before)
        for index in (each % size for each in chosen)
        for rest in range(after)
    ]
    return Array((*a.shape[:dim], len(chosen), *a.shape[dim + 1 :]), data)


def select(a: Array, dim: int, index: int) -> Array:
    """One index along a dimension, which is removed."""
    picked = pick(a, dim, [int(index)])
    dim %= a.ndim
    return reshape(picked, a.shape[:dim] + a.shape[dim + 1 :])


def flip(a: Array, dims: Sequence[int]) -> Array:
    """The order along these dimensions turned round."""
    for dim in dims:
        a = pick(a, dim, list(range(a.shape[dim]))[::-1])
    return a


def roll(a: Array, shifts: Any, dims: Any = ()) -> Array:
    """Elements moved along, and round at the end."""
    shifts = shifts if isinstance(shifts, list | tuple) else [shifts]
    dims = dims if isinstance(dims, list | tuple) else [dims]
    if not dims:
        flat = reshape(a, (-1,))
        return reshape(roll(flat, shifts, [0]), a.shape)
    for shift, dim in zip(shifts, dims, strict=True):
        size = a.shape[dim]
        a = pick(a, dim, [(nr - shift) % size for nr in range(size)])
    return a


def repeat(a: Array, repeats: Sequence[int]) -> Array:
    """Copies side by side."""
    a = reshape(a, (1,) * (len(repeats) - a.ndim) + a.shape)
    bounded(a.size * math.prod(map(int, repeats)))
    for dim, times in enumerate(repeats):
        a = pick(a, dim, list(range(a.shape[dim])) * int(times))
    return a


def diagonal(a: Array, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Array:
    """The diagonal of two dimensions, as the last one."""
    dim1, dim2 = dim1 % a.ndim, dim2 % a.ndim
    strides = strides_of(a.shape)
    rows, columns = a.shape[dim1], a.shape[dim2]
    length = max(min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns), 0)
    start = offset * strides[dim2] if offset >= 0 else -offset * strides[dim1]
    rest = [dim for dim in range(a.ndim) if dim not in (dim1, dim2)]
    sizes = [*(a.shape[dim] for dim in rest), length]
    return _view(a, sizes, [*(strides[d] for d in rest), strides[dim1] + strides[dim2]], start)


def triangle(a: Array, offset: int, lower: bool) -> Array:
    """Zeros above (or below) a diagonal."""
    rows, columns = a.shape[-2:]
    data = [
        x if (at % columns - at // columns % rows <= offset if lower else
              at % columns - at // columns % rows >= offset) else 0.0
        for at, x in enumerate(a.data)
    ]  # fmt: skip
    return Array(a.shape, data)


def unfold(a: Array, dimension: int, size: int, step: int) -> Array:
    """Every window of a dimension, as a new last one."""
    dim = dimension % a.ndim
    strides = strides_of(a.shape)
    sizes, steps = list(a.shape), list(strides)
    sizes[dim], steps[dim] = (a.shape[dim] - size) // step + 1, strides[dim] * step
    return _view(a, [*sizes, size], [*steps, strides[dim]])


def unsqueeze(a: Array, dim: int) -> Array:
    """A new dimension of size 1."""
    dim %= a.ndim + 1
    return reshape(a, (*a.shape[:dim], 1, *a.shape[dim:]))


def squeeze(a: Array, dim: Any = None) -> Array:
    """Dimensions of size 1 gone: all, or those given."""
    given = dim if isinstance(dim, list | tuple) else [dim]
    dims = range(a.ndim) if dim is None else [each % max(a.ndim, 1) for each in given]
    return reshape(a, [n for d, n in enumerate(a.shape) if n != 1 or d not in dims])


def cat(parts: Sequence[Array], dim: int = 0) -> Array:
    """One after another along a dimension."""
    parts = [part for part in parts if part.shape != (0,)] or parts
    dim %= parts[0].ndim
    before = math.prod(parts[0].shape[:dim])
    chunks = [(part.data, part.size // before if before else 0) for part in parts]
    data = [x for nr in range(before) for d, size in chunks for x in d[nr * size : (nr + 1) * size]]
    shape = list(parts[0].shape)
    shape[dim] = sum(part.shape[dim] for part in parts)
    return Array(shape, data)


def stack(parts: Sequence[Array], dim: int = 0) -> Array:
    """Stacked along a new dimension."""
    return cat([unsqueeze(part, dim) for part in parts], dim)


def part_of(whole: Array, parts: Sequence[Array], nr: int, dim: int) -> Array:
    """The piece of `cat(parts, dim)` that was the nr-th part."""
    start = sum(part.shape[dim] for part in parts[:nr])
    return slice_(whole, dim, start, start + parts[nr].shape[dim])


def pad(a: Array, sizes: Sequence[int], value: float = 0.0) -> Array:
    """Surrounded by a constant; negative sizes cut off. `sizes` as `torch.nn.functional.pad`."""
    for nr in range(len(sizes) // 2):
        dim, (before, after) = a.ndim - 1 - nr, sizes[2 * nr : 2 * nr + 2]
        a = slice_(a, dim, max(-before, 0), a.shape[dim] - max(-after, 0))
        for size, first in ((max(before, 0), True), (max(after, 0), False)):
            edge = full((*a.shape[:dim], size, *a.shape[dim + 1 :]), value)
            a = cat([edge, a] if first else [a, edge], dim)
    return a


def pad_with(a: Array, sizes: Sequence[int], place: Callable[[int, int], int]) -> Array:
    """Surrounded by its own elements: `place(index, size)` says which."""
    for nr in range(len(sizes) // 2):
        dim, (before, after) = a.ndim - 1 - nr, sizes[2 * nr : 2 * nr + 2]
        size = a.shape[dim]
        bounded(before + size + after)
        a = pick(a, dim, [place(index, size) for index in range(-before, size + after)])
    return a


def _reflected(index: int, size: int) -> int:
    return -index if index < 0 else 2 * size - 2 - index if index >= size else index


def pixel_shuffle(a: Array, factor: int) -> Array:
    """Channels laid out as finer pixels."""
    *batch, channels, rows, columns = a.shape
    split = reshape(a, (*batch, channels // factor**2, factor, factor, rows, columns))
    n = len(batch)
    moved = permute(split, [*range(n), n, n + 3, n + 1, n + 4, n + 2])
    return reshape(moved, (*batch, channels // factor**2, rows * factor, columns * factor))


def pixel_unshuffle(a: Array, factor: int) -> Array:
    """The inverse of `pixel_shuffle`."""
    *batch, channels, rows, columns = a.shape
    split = reshape(a, (*batch, channels, rows // factor, factor, columns // factor, factor))
    n = len(batch)
    moved = permute(split, [*range(n), n, n + 2, n + 4, n + 1, n + 3])
    return reshape(moved, (*batch, channels * factor**2, rows // factor, columns // factor))


def strided(a: Array, size: Sequence[int], stride: Sequence[int], start: int | None) -> Array:
    """Another view of the memory of a contiguous tensor."""
    return _view(a, [int(n) for n in size], [int(n) for n in stride], int(start or 0))


def rot90(a: Array, k: int, dims: Sequence[int]) -> Array:
    """Turned by k right angles in the plane of two dimensions."""
    first, second = dims
    for _ in range(k % 4):
        a = flip(transpose(a, first, second), [first])
    return a


def diag_embed(a: Array, offset: int = 0) -> Array:
    """The last dimension as the diagonal of square matrices."""
    n = a.shape[-1] + abs(offset)
    data = [0.0] * bounded(a.size // a.shape[-1] * n * n)
    for at, number in enumerate(a.data):
        nr, i = divmod(at, a.shape[-1])
        row, column = (i, i + offset) if offset >= 0 else (i - offset, i)
        data[(nr * n + row) * n + column] = number
    return Array((*a.shape[:-1], n, n), data)


def block_diag(parts: Sequence[Array]) -> Array:
    """Matrices along a diagonal."""
    parts = [_matrix(part) for part in parts]
    rows, columns = (sum(part.shape[d] for part in parts) for d in (0, 1))
    data, row, column = [0.0] * bounded(rows * columns), 0, 0
    for part in parts:
        for at, number in enumerate(part.data):
            i, j = divmod(at, part.shape[1])
            data[(row + i) * columns + column + j] = number
        row, column = row + part.shape[0], column + part.shape[1]
    return Array((rows, columns), data)


def block(whole: Array, parts: Sequence[Array], nr: int) -> Array:
    """The piece of `block_diag(parts)` that was the nr-th part."""
    corners = [(0, 0)]
    for part in map(_matrix, parts):
        corners.append((corners[-1][0] + part.shape[0], corners[-1][1] + part.shape[1]))
    (top, left), (bottom, right) = corners[nr : nr + 2]
    return reshape(slice_(slice_(whole, 0, top, bottom), 1, left, right), parts[nr].shape)


def _matrix(a: Array) -> Array:
    return reshape(a, (1,) * (2 - a.ndim) + a.shape)


def sized_part(a: Array, sizes: Sequence[int], nr: int, dim: int) -> Array:
    """The nr-th part of `split_with_sizes`."""
    return slice_(a, dim, sum(sizes[:nr]), sum(sizes[: nr + 1]))


def selected(a: Array, dim: int, index: int) -> Array:
    """One where `select` would read."""
    chosen = select(positions(a.shape), dim, index)
    return Array(a.shape, [float(at in set(chosen.data)) for at in range(a.size)])


def _slice_latex(whole: str, *arguments: str) -> str:
    """As Python writes a slice: what is not given is left out."""
    bounds = ["" if each == r"\varnothing" else each for each in arguments[1:]]
    if len(bounds) == 3 and bounds[2] == "1":
        bounds.pop()
    return rf"@1_{{\left[{':'.join(bounds)}\right]}}"


FUNCTIONS: Table = {
    "T": (transpose, r"@1^{\top}", POWER),
    "transpose": (transpose, r"@1^{\top}", POWER),
    "permute": (permute, r"\operatorname{permute}\left(#1\right)", ATOM),
    "unpermute": (
        lambda a, dims: permute(a, sorted(range(a.ndim), key=lambda nr: dims[nr] % a.ndim)),
        r"\operatorname{permute}^{-1}\left(#1\right)",
        ATOM,
    ),
    "slice": (slice_, _slice_latex, ATOM),
    "select": (select, r"@1_{\left[#3\right]}", ATOM),
    "flip": (flip, r"\operatorname{flip}\left(#1\right)", ATOM),
    "roll": (roll, r"\operatorname{roll}\left(#1\right)", ATOM),
    "roll_back": (
        lambda a, shifts, dims: roll(a, [-each for each in shifts], dims),
        r"\operatorname{roll}^{-1}\left(#1\right)",
        ATOM,
    ),
    "repeat": (repeat, r"\operatorname{repeat}\left(#1\right)", ATOM),
    "expand": (
        lambda a, size: expand(
            a,
            tuple(
                int(n) if n != -1 else ((1,) * (len(size) - a.ndim) + a.shape)[nr]
                for nr, n in enumerate(size)
            ),
        ),
        r"\operatorname{expand}\left(#1\right)",
        ATOM,
    ),
    "diagonal_of": (diagonal, r"\operatorname{diag}\left(#1\right)", ATOM),
    "tril": (lambda a, k=0: triangle(a, k, True), r"\operatorname{tril}\left(#1\right)", ATOM),
    "triu": (lambda a, k=0: triangle(a, k, False), r"\operatorname{triu}\left(#1\right)", ATOM),
    "unfold": (unfold, r"\operatorname{unfold}\left(#1\right)", ATOM),
    "unsqueeze": (unsqueeze, "#1", ATOM),
    "squeeze": (squeeze, "#1", ATOM),
    "cat": (cat, r"\left[#1\right]", ATOM),
    "stack": (stack, r"\left[#1\right]", ATOM),
    "part": (part_of, r"#1_{\left[\text{part } i\right]}", ATOM),
    "padded": (pad, r"\operatorname{pad}\left(#1, #3\right)", ATOM),
    "unpad": (
        lambda a, sizes: pad(a, [-each for each in sizes]),
        r"\operatorname{pad}^{-1}\left(#1\right)",
        ATOM,
    ),
    "reflect": (
        lambda a, sizes: pad_with(a, sizes, _reflected),
        r"\operatorname{reflect}\left(#1\right)",
        ATOM,
    ),
    "replicate": (
        lambda a, sizes: pad_with(a, sizes, lambda nr, size: min(max(nr, 0), size - 1)),
        r"\operatorname{replicate}\left(#1\right)",
        ATOM,
    ),
    "pixel_shuffle": (pixel_shuffle, r"\operatorname{shuffle}\left(#1\right)", ATOM),
    "pixel_unshuffle": (pixel_unshuffle, r"\operatorname{shuffle}^{-1}\left(#1\right)", ATOM),
    "strided": (strided, r"\operatorname{view}\left(#1\right)", ATOM),
    "rot90": (rot90, r"\operatorname{rot90}^{#2}\left(#1\right)", ATOM),
    "diag_embed": (diag_embed, r"\operatorname{diag}\left(#1\right)", ATOM),
    "block_diag": (block_diag, r"\operatorname{diag}\left(#1\right)", ATOM),
    "block": (block, r"#1_{\left[\text{block } i\right]}", ATOM),
    "sized_part": (sized_part, r"@1_{\left[\text{part } i\right]}", ATOM),
    "selected": (selected, r"\left[\text{selected}\right]", ATOM),
    "widen": (lambda a, like, dim: unsqueeze(a, int(dim) % like.ndim), "#1", ATOM),
    "flat": (lambda parts: [reshape(part, (-1,)) for part in parts], "#1", ATOM),
}
