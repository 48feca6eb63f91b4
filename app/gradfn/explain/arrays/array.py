"""Small n-dimensional arrays of float64, in plain Python: what formulas are computed with.

Row-major, broadcast as PyTorch does, IEEE arithmetic (a division by zero is infinite, not an
error). For tens of elements, where this takes microseconds and the web process stays free of
numerical libraries.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import product
from operator import mul
from typing import Any

MAX_ELEMENTS = 4_096  # of any intermediate array of a formula
Shape = tuple[int, ...]
Number = float | int | bool


class Array:
    """Numbers with a shape; never changed once made."""

    __slots__ = ("data", "shape")

    def __init__(self, shape: Iterable[int], data: Iterable[float]) -> None:
        self.shape = tuple(shape)
        self.data = list(data)
        if len(self.data) != math.prod(self.shape):
            raise ValueError(f"{len(self.data)} numbers do not fill the shape {self.shape}")

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"Array({self.shape}, {self.data})"

    def __add__(self, other: Any) -> "Array":
        return combine(lambda a, b: a + b, self, other)

    def __radd__(self, other: Any) -> "Array":
        return combine(lambda a, b: a + b, other, self)

    def __sub__(self, other: Any) -> "Array":
        return combine(lambda a, b: a - b, self, other)

    def __rsub__(self, other: Any) -> "Array":
        return combine(lambda a, b: a - b, other, self)

    def __mul__(self, other: Any) -> "Array":
        return combine(lambda a, b: a * b, self, other)

    def __rmul__(self, other: Any) -> "Array":
        return combine(lambda a, b: a * b, other, self)

    def __truediv__(self, other: Any) -> "Array":
        return combine(divide, self, other)

    def __rtruediv__(self, other: Any) -> "Array":
        return combine(divide, other, self)

    def __pow__(self, other: Any) -> "Array":
        return combine(power, self, other)

    def __rpow__(self, other: Any) -> "Array":
        return combine(power, other, self)

    def __neg__(self) -> "Array":
        return self.map(lambda a: -a)

    def __matmul__(self, other: Any) -> "Array":
        return matmul(self, other)

    def __lt__(self, other: Any) -> "Array":
        return combine(lambda a, b: float(a < b), self, other)

    def __le__(self, other: Any) -> "Array":
        return combine(lambda a, b: float(a <= b), self, other)

    def __gt__(self, other: Any) -> "Array":
        return combine(lambda a, b: float(a > b), self, other)

    def __ge__(self, other: Any) -> "Array":
        return combine(lambda a, b: float(a >= b), self, other)

    def __eq__(self, other: object) -> "Array":  # type: ignore[override]
        return combine(lambda a, b: float(a == b), self, other)

    __hash__ = None  # type: ignore[assignment]  # as of everything that compares elementwise

    def map(self, function: Callable[[float], float]) -> "Array":
        """The function of every element."""
        return Array(self.shape, map(function, self.data))


def array(thing: Any) -> Array:
    """A number as an array without dimensions; an array as it is."""
    return thing if isinstance(thing, Array) else Array((), (float(thing),))


def bounded(count: int) -> int:
    """The count, if so many elements may be made; ValueError otherwise.

    A program chooses the sizes, and asks for a kernel of a million by a million.
    """
    if not 0 <= count <= MAX_ELEMENTS:
        raise ValueError(f"{count} elements are more than a formula is evaluated over")
    return count


def full(shape: Shape, number: float) -> Array:
    """The same number everywhere."""
    return Array(shape, [number] * bounded(math.prod(shape)))


def positions(shape: Shape) -> Array:
    """0, 1, 2 … in row-major order: where each element lies."""
    return Array(shape, map(float, range(bounded(math.prod(shape)))))


def divide(a: float, b: float) -> float:
    """a / b as IEEE has it."""
    if b != 0:
        return a / b
    return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    """a ** b as IEEE's pow."""
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and b % 2 == 1 else math.inf
    except ValueError:
        return math.nan if a != 0 else math.inf


def combine(function: Callable[[float, float], float], a: Any, b: Any) -> Array:
    """The function of every pair, both broadcast to one shape."""
    if not isinstance(b, Array):
        b = float(b)
        return Array(a.shape, [function(one, b) for one in a.data])
    if not isinstance(a, Array):
        a = float(a)
        return Array(b.shape, [function(a, one) for one in b.data])
    if a.shape == b.shape:
        return Array(a.shape, map(function, a.data, b.data))
    shape = broadcast_shapes(a.shape, b.shape)
    return Array(shape, map(function, expand(a, shape).data, expand(b, shape).data))


def broadcast_shapes(*shapes: Shape) -> Shape:
    """The shape that all of them broadcast to; ValueError when there is none."""
    depth = max(map(len, shapes))
    filled = [(1,) * (depth - len(shape)) + shape for shape in shapes]
    sizes = []
    for column in zip(*filled, strict=True):
        size = next((each for each in column if each != 1), 1)
        if any(each not in (1, size) for each in column):
            raise ValueError(f"the shapes {shapes} do not broadcast")
        sizes.append(size)
    return tuple(sizes)


def strides_of(shape: Shape) -> Shape:
    """The strides of a contiguous tensor, in elements."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


def places(sizes: Sequence[int], strides: Sequence[int], start: int = 0) -> list[int]:
    """Where the elements of a strided view lie, row-major."""
    bounded(math.prod(sizes))
    found = [start]
    for size, stride in zip(sizes, strides, strict=True):
        found = [place + nr * stride for place in found for nr in range(size)]
    return found


@lru_cache(maxsize=512)
def _spread(shape: Shape, to: Shape) -> tuple[int, ...]:
    strides = [
        0 if size == 1 else stride for size, stride in zip(shape, strides_of(shape), strict=True)
    ]
    return tuple(places(to, [0] * (len(to) - len(shape)) + strides))


def expand(a: Array, shape: Shape) -> Array:
    """Broadcast to this shape."""
    if a.shape == shape:
        return a
    if broadcast_shapes(a.shape, shape) != shape:
        raise ValueError(f"{a.shape} does not broadcast to {shape}")
    return Array(shape, [a.data[place] for place in _spread(a.shape, shape)])


def sum_to(a: Array, shape: Shape) -> Array:
    """The sum over the dimensions that broadcasting had added or repeated."""
    if a.shape == shape:
        return a
    if broadcast_shapes(a.shape, shape) == shape:
        return expand(a, shape)  # a gradient that is the same for every element
    return add_at(shape, _spread(shape, a.shape), a.data)


def add_at(shape: Shape, at: Iterable[float], numbers: Iterable[float]) -> Array:
    """Zeros of this shape, with each number added at its place."""
    data = [0.0] * bounded(math.prod(shape))
    for place, number in zip(at, numbers, strict=True):
        data[int(place)] += number
    return Array(shape, data)


def take(a: Array, at: Array) -> Array:
    """The elements at these places, in the shape of the places."""
    return Array(at.shape, [a.data[int(place)] for place in at.data])


def reshape(a: Array, shape: Sequence[int]) -> Array:
    """The same numbers in another shape; one size may be -1."""
    sizes = list(map(int, shape))
    if -1 in sizes:
        rest = -math.prod(sizes)
        sizes[sizes.index(-1)] = a.size // rest if rest else 0
    return Array(sizes, a.data)


def permute(a: Array, dims: Sequence[int]) -> Array:
    """Dimensions in another order."""
    order = [int(dim) % a.ndim for dim in dims]
    strides = strides_of(a.shape)
    sizes = [a.shape[dim] for dim in order]
    return Array(sizes, [a.data[at] for at in places(sizes, [strides[dim] for dim in order])])


def dims_of(dim: Any, ndim: int) -> tuple[int, ...]:
    """A `dim` argument (None, a number, a list) as dimensions counted from 0."""
    if dim is None or dim == [] or dim == ():
        return tuple(range(ndim))
    if ndim == 0:
        return ()
    numbers = dim if isinstance(dim, list | tuple) else [dim]
    return tuple(sorted({int(number) % ndim for number in numbers}))


@lru_cache(maxsize=512)
def _groups(shape: Shape, dims: tuple[int, ...]) -> list[list[int]]:
    """The places that fall together when these dimensions are reduced, in the order of the rest."""
    strides = strides_of(shape)
    rest = [dim for dim in range(len(shape)) if dim not in dims]
    starts = places([shape[dim] for dim in rest], [strides[dim] for dim in rest])
    sizes, steps = [shape[dim] for dim in dims], [strides[dim] for dim in dims]
    return [places(sizes, steps, start) for start in starts]


def kept_shape(shape: Shape, dims: tuple[int, ...], keepdim: bool) -> Shape:
    """The shape after a reduction."""
    if keepdim:
        return tuple(1 if dim in dims else size for dim, size in enumerate(shape))
    return tuple(size for dim, size in enumerate(shape) if dim not in dims)


def reduce(
    function: Callable[[list[float]], float], a: Array, dim: Any = None, keepdim: bool = False
) -> Array:
    """The function of the elements along `dim` (all when None)."""
    dims = dims_of(dim, a.ndim)
    data = [function([a.data[at] for at in group]) for group in _groups(a.shape, dims)]
    return Array(kept_shape(a.shape, dims, keepdim), data)


def along(function: Callable[[list[float]], list[float]], a: Array, dim: int) -> Array:
    """Every line along `dim` replaced by the function of it, of the same length."""
    data = [0.0] * a.size
    for group in _groups(a.shape, dims_of(dim, a.ndim)):
        for at, number in zip(group, function([a.data[at] for at in group]), strict=True):
            data[at] = number
    return Array(a.shape, data)


def matmul(a: Array, b: Array) -> Array:
    """The matrix product, batched and with vectors, as `torch.matmul`."""
    if a.ndim == 1:
        found = matmul(reshape(a, (1, -1)), b)
        return Array(found.shape[:-1] if b.ndim == 1 else _without(found.shape, -2), found.data)
    if b.ndim == 1:
        found = matmul(a, reshape(b, (-1, 1)))
        return Array(found.shape[:-1], found.data)
    (n, k), (depth, m) = a.shape[-2:], b.shape[-2:]
    if k != depth:
        raise ValueError(f"{a.shape} and {b.shape} cannot be multiplied")
    batch = broadcast_shapes(a.shape[:-2], b.shape[:-2])
    bounded(math.prod(batch) * n * m)
    left, right = expand(a, (*batch, n, k)).data, expand(b, (*batch, k, m)).data
    data: list[float] = []
    for nr in range(math.prod(batch)):
        rows = [left[(nr * n + i) * k : (nr * n + i + 1) * k] for i in range(n)]
        columns = [right[nr * k * m + j : (nr + 1) * k * m : m] for j in range(m)]
        data += [sum(map(mul, row, column)) for row, column in product(rows, columns)]
    return Array((*batch, n, m), data)


def _without(shape: Shape, dim: int) -> Shape:
    sizes = list(shape)
    del sizes[dim]
    return tuple(sizes)


def sum_of(a: Array, dim: Any = None, keepdim: Any = False) -> Array:
    """The sum along `dim` (all when None)."""
    return reduce(math.fsum, a, dim, bool(keepdim))


def count(a: Array, dim: Any = None) -> float:
    """How many elements are reduced into one."""
    return float(math.prod(a.shape[each] for each in dims_of(dim, a.ndim)))


def mean_of(a: Array, dim: Any = None, keepdim: Any = False) -> Array:
    """The mean along `dim` (all when None)."""
    return sum_of(a, dim, keepdim) / count(a, dim)


def spread(a: Array, like: Array, dim: Any = None, keepdim: Any = False) -> Array:
    """What a reduction of `like` gave, copied back over the dimensions that it reduced."""
    kept = kept_shape(like.shape, dims_of(dim, like.ndim), True)
    return expand(reshape(a, kept), like.shape)


def softmax(a: Array, dim: int) -> Array:
    """exp(x) over its sum along `dim`."""

    def of(line: list[float]) -> list[float]:
        top = max(line)
        grown = [math.exp(x - top) for x in line]
        total = math.fsum(grown)
        return [x / total for x in grown]

    return along(of, a, dim)
