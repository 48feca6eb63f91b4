"""Elements chosen by indices or masks, and how that is written."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from gradfn.explain.arrays.array import (
    Array,
    add_at,
    array,
    bounded,
    expand,
    positions,
    reduce,
    reshape,
    strides_of,
    take,
)
from gradfn.explain.arrays.notation import ATOM, Table
from gradfn.explain.arrays.shapes import pick, slice_, unsqueeze


class Mask(Array):
    """True and false, as 1 and 0."""

    __slots__ = ()


def index_select(a: Array, dim: int, index: Array) -> Array:
    """The given indices along a dimension."""
    return pick(a, dim, list(map(int, index.data)))


def index(a: Array, indices: Sequence[Array | None]) -> Array:
    """`a[indices]` with tensors of integers or booleans, `None` for a whole dimension."""
    lists: list[Array | None] = []
    for each in indices:
        lists += [each] if each is None else _integers(a, each, len(lists))
    lists += [None] * (a.ndim - len(lists))
    given = [dim for dim, each in enumerate(lists) if each is not None]
    shape: tuple[int, ...] = ()
    for dim in given:
        shape = (Array(shape, [0.0] * math.prod(shape)) + lists[dim]).shape
    numbers = {dim: [int(x) for x in expand(_sure(lists[dim]), shape).data] for dim in given}
    together = given == list(range(given[0], given[-1] + 1))
    first = given[0] if together else 0
    whole = [dim for dim in range(a.ndim) if dim not in given]
    before, after = [d for d in whole if d < first], [d for d in whole if d >= first]
    bounded(math.prod(shape) * math.prod(a.shape[dim] for dim in whole))
    strides, data = strides_of(a.shape), []
    for head in itertools.product(*(range(a.shape[dim]) for dim in before)):
        for nr in range(math.prod(shape)):
            for tail in itertools.product(*(range(a.shape[dim]) for dim in after)):
                at = sum(i * strides[d] for d, i in zip(before, head, strict=True))
                at += sum(numbers[d][nr] % a.shape[d] * strides[d] for d in given)
                at += sum(i * strides[d] for d, i in zip(after, tail, strict=True))
                data.append(a.data[at])
    sizes = [*(a.shape[d] for d in before), *shape, *(a.shape[d] for d in after)]
    return Array(sizes, data)


def _sure(a: Array | None) -> Array:
    assert a is not None
    return a


def _integers(a: Array, given: Array, dim: int) -> list[Array | None]:
    """A mask as the indices where it is true; integers as they are."""
    if not isinstance(given, Mask):
        return [given]
    strides, found = strides_of(given.shape), [at for at, x in enumerate(given.data) if x]
    return [
        Array((len(found),), [float(at // stride % size) for at in found])
        for stride, size in zip(strides, given.shape, strict=True)
    ]


def gather(a: Array, dim: int, at: Array) -> Array:
    """`out[i][j] = a[at[i][j]][j]`, for dim 0; likewise for the others."""
    if a.ndim == 0:
        return a
    dim %= a.ndim
    strides, data = strides_of(a.shape), []
    for where, chosen in zip(itertools.product(*map(range, at.shape)), at.data, strict=True):
        numbers = (*where[:dim], int(chosen), *where[dim + 1 :])
        data.append(a.data[sum(i * s for i, s in zip(numbers, strides, strict=True))])
    return Array(at.shape, data)


def put_gather(a: Array, dim: int, at: Array, source: Any, *, add: bool = False) -> Array:
    """A copy of `a` with `source` written (or added) where `gather` would read."""
    targets = gather(Array(a.shape, map(float, range(a.size))), dim, at)
    data = list(a.data)
    numbers = slice_like(source, at).data if isinstance(source, Array) else [source] * at.size
    for place, number in zip(targets.data, numbers, strict=True):
        data[int(place)] = number + data[int(place)] if add else number
    return Array(a.shape, data)


def slice_like(a: Array, like: Array) -> Array:
    """The first corner of `a`, as large as `like`."""
    for dim, size in enumerate(like.shape):
        a = slice_(a, dim, 0, size)
    return a


def unpool(a: Array, at: Array, size: Sequence[int]) -> Array:
    """Zeros of this spatial size, with each element of `a` at its place in it."""
    spatial = math.prod(map(int, size))
    lead = a.shape[: a.ndim - len(size)]
    data = [0.0] * bounded(math.prod(lead) * spatial)
    each = a.size // max(math.prod(lead), 1)
    for nr, (number, place) in enumerate(zip(a.data, at.data, strict=True)):
        data[nr // each * spatial + int(place)] = number
    return Array((*lead, *map(int, size)), data)


def unpool_back(grad: Array, a: Array, at: Array, dims: int) -> Array:
    """The elements of `grad` where `unpool` put those of `a`."""
    inside = math.prod(grad.shape[grad.ndim - dims :])
    each = math.prod(a.shape[a.ndim - dims :])
    places = [nr // each * inside + int(place) for nr, place in enumerate(at.data)]
    return Array(a.shape, [grad.data[place] for place in places])


def put_at(a: Array, at: Array, numbers: Any, *, add: Any = False) -> Array:
    """A copy of `a` with numbers written (or added) at these places."""
    spread = expand(array(numbers), at.shape).data
    if add:
        return a + add_at(a.shape, at.data, spread)
    data = list(a.data)
    for place, number in zip(at.data, spread, strict=True):
        data[int(place)] = number
    return Array(a.shape, data)


def along_dim(a: Array, dim: int, at: Array) -> Array:
    """The places that `index_select` would read."""
    return index_select(positions(a.shape), dim, at)


def mask_of(mask: Array, like: Array) -> Array:
    """A mask of the size of `like`, marked as one so that it is not taken for integers."""
    return Mask(like.shape, expand(mask, like.shape).data)


def masked_scatter(a: Array, mask: Array, source: Array) -> Array:
    """Where the mask is true, the elements of `source` one after another."""
    numbers, chosen = iter(source.data), expand(mask, a.shape).data
    return Array(a.shape, [next(numbers) if m else x for x, m in zip(a.data, chosen, strict=True)])


def masked_scatter_back(grad: Array, mask: Array, source: Array) -> Array:
    """What reached the elements of `source`; zeros for those that were not needed."""
    chosen = expand(mask, grad.shape).data
    found = [x for x, m in zip(grad.data, chosen, strict=True) if m]
    return Array(source.shape, found + [0.0] * (source.size - len(found)))


def chosen_at(
    a: Array, dim: Any, indices: Array | None, keepdim: Any, result: Array | None = None
) -> Array:
    """Where the elements lie that a reduction along `dim` chose, in the shape of its result.

    Where the indices are not known, the first that equals the result.
    """
    if a.ndim == 0:
        return Array((), (0.0,))
    if indices is None and result is not None:
        wide = result if keepdim else unsqueeze(result, dim % a.ndim)
        equal = a == expand(wide, a.shape)
        first = reduce(lambda line: float(line.index(1.0)), equal, dim, True)
        indices = reshape(first, result.shape)
    assert indices is not None
    found = gather(
        positions(a.shape), dim, indices if keepdim else unsqueeze(indices, dim % a.ndim)
    )
    return reshape(found, indices.shape)


def unpadded(indices: Array, padding_idx: int) -> Array:
    """1 for each row that gets a gradient and 0 for the padding row, as a column."""
    return Array((*indices.shape, 1), [float(x != padding_idx) for x in indices.data])


_AT = r"@1_{\left[#3\right]}"

FUNCTIONS: Table = {
    "index_select": (index_select, _AT, ATOM),
    "indexed": (index, r"@1_{\left[#2\right]}", ATOM),
    "gather": (gather, _AT, ATOM),
    "scatter": (put_gather, r"\operatorname{scatter}\left(#1, #4\right)", ATOM),
    "scatter_add": (
        lambda a, dim, at, source: put_gather(a, dim, at, source, add=True),
        r"\operatorname{scatter\_add}\left(#1, #4\right)",
        ATOM,
    ),
    "take_flat": (take, r"@1_{\left[#2\right]}", ATOM),
    "index_add": (
        lambda a, dim, at, source: put_at(a, along_dim(a, dim, at), source, add=True),
        r"\operatorname{index\_add}\left(#1, #4\right)",
        ATOM,
    ),
    "index_put_dim": (
        lambda a, dim, at, source: put_at(a, along_dim(a, dim, at), source),
        r"\operatorname{index\_put}\left(#1, #4\right)",
        ATOM,
    ),
    "index_put": (
        lambda a, at, source, add: put_at(a, index(positions(a.shape), at), source, add=add),
        r"\operatorname{index\_put}\left(#1, #3\right)",
        ATOM,
    ),
    "put": (
        lambda a, at, source, add: put_at(a, at, reshape(source, at.shape), add=add),
        r"\operatorname{put}\left(#1, #3\right)",
        ATOM,
    ),
    "as_mask": (mask_of, "#1", ATOM),
    "masked_scatter": (masked_scatter, r"\operatorname{masked\_scatter}\left(#1, #3\right)", ATOM),
    "masked_scatter_back": (masked_scatter_back, r"@1_{\left[#2\right]}", ATOM),
    "chosen_at": (chosen_at, "#3", ATOM),
    "unpadded": (unpadded, "1", ATOM),
    "unpool": (unpool, r"\operatorname{unpool}\left(#1\right)", ATOM),
    "unpool_back": (unpool_back, r"@1_{\left[#3\right]}", ATOM),
}
