"""Linear algebra on small matrices, and how it is written."""

import math
from collections.abc import Callable
from typing import Any

from gradfn.explain.arrays.array import Array, expand, full, matmul, reshape
from gradfn.explain.arrays.notation import ATOM, POWER, PRODUCT, Table
from gradfn.explain.arrays.shapes import cat, slice_, transpose, triangle, unsqueeze

Rows = list[list[float]]


def _each_matrix(function: Callable[[Rows], Rows]) -> Callable[[Array], Array]:
    """The function of every matrix of a batch."""

    def batched(a: Array) -> Array:
        n, m = a.shape[-2:]
        data: list[float] = []
        for start in range(0, a.size, n * m):
            rows = [a.data[start + i * m : start + (i + 1) * m] for i in range(n)]
            data += [x for row in function(rows) for x in row]
        return Array(a.shape, data)

    return batched


def _eliminate(rows: Rows, right: Rows) -> tuple[Rows, float]:
    """The solution of rows · X = right, and the determinant of rows."""
    n, determinant = len(rows), 1.0
    work = [[*row, *more] for row, more in zip(rows, right, strict=True)]
    for column in range(n):
        pivot = max(range(column, n), key=lambda row: abs(work[row][column]))
        if work[pivot][column] == 0:
            return [[math.nan] * len(right[0]) for _ in right], 0.0
        if pivot != column:
            work[column], work[pivot], determinant = work[pivot], work[column], -determinant
        determinant *= work[column][column]
        work[column] = [x / work[column][column] for x in work[column]]
        for row in range(n):
            if row != column:
                factor = work[row][column]
                work[row] = [x - factor * y for x, y in zip(work[row], work[column], strict=True)]
    return [row[n:] for row in work], determinant


def _identity(n: int) -> Rows:
    return [[float(row == column) for column in range(n)] for row in range(n)]


inv = _each_matrix(lambda rows: _eliminate(rows, _identity(len(rows)))[0])


def det(a: Array) -> Array:
    """The determinant of every matrix."""
    n = a.shape[-1]
    data = []
    for start in range(0, a.size, n * n):
        rows = [a.data[start + i * n : start + (i + 1) * n] for i in range(n)]
        data.append(_eliminate(rows, _identity(n))[1])
    return Array(a.shape[:-2], data)


def solve(a: Array, b: Array, left: Any = True) -> Array:
    """X with A X = B, or X A = B when not `left`; B may be a vector or a batch of them."""
    if b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1]):
        return reshape(matmul(inv(a), reshape(b, (*b.shape, 1))), b.shape)
    return matmul(inv(a), b) if left else matmul(b, inv(a))


def _cholesky_rows(rows: Rows) -> Rows:
    n = len(rows)
    found = [[0.0] * n for _ in rows]
    for i in range(n):
        for j in range(i + 1):
            rest = rows[i][j] - math.fsum(found[i][k] * found[j][k] for k in range(j))
            found[i][j] = math.sqrt(rest) if i == j else rest / found[j][j]
    return found


cholesky = _each_matrix(_cholesky_rows)


def _half(rows: Rows) -> Rows:
    return [
        [x if j < i else x / 2 if j == i else 0.0 for j, x in enumerate(row)]
        for i, row in enumerate(rows)
    ]


def matrix_exp(a: Array) -> Array:
    """The exponential series of a matrix, scaled down first and squared back."""
    n, largest = a.shape[-1], max(map(abs, a.data), default=0.0) * a.shape[-1]
    if not largest < 1e9:
        raise ValueError("too large")
    halvings = max(0, math.ceil(math.log2(largest)) + 4) if largest else 0
    small = a / 2.0**halvings
    found = term = expand(Array((n, n), [x for row in _identity(n) for x in row]), a.shape)
    for nr in range(1, 16):
        term = matmul(term, small) / nr
        found = found + term
    for _ in range(halvings):
        found = matmul(found, found)
    return found


def trace(a: Array) -> Array:
    """The sum of the diagonal."""
    columns = a.shape[-1]
    return Array((), [math.fsum(a.data[i * columns + i] for i in range(min(a.shape)))])


def eye_like(a: Array) -> Array:
    """Ones on the diagonal, in the shape of `a`."""
    n, m = a.shape[-2:]
    one = Array((n, m), [float(i == j) for i in range(n) for j in range(m)])
    return expand(one, a.shape)


def outer(a: Array, b: Array) -> Array:
    """Every product of an element of one vector with one of the other."""
    return Array((a.size, b.size), [x * y for x in a.data for y in b.data])


def dot(a: Array, b: Array) -> Array:
    """The sum of the products."""
    return Array((), [math.fsum(x * y for x, y in zip(a.data, b.data, strict=True))])


def cross(a: Array, b: Array, dim: int = -1) -> Array:
    """The vector product along a dimension of size 3."""
    last = transpose(a, dim, -1), transpose(b, dim, -1)
    data: list[float] = []
    for at in range(0, a.size, 3):
        (x, y, z), (u, v, w) = (part.data[at : at + 3] for part in last)
        data += [y * w - z * v, z * u - x * w, x * v - y * u]
    return transpose(Array(last[0].shape, data), dim, -1)


def solve_back(grad: Array, a: Array, b: Array, left: Any) -> Array:
    """vᵀ·J of `solve` for the matrix."""
    vector = b.ndim == 1 or (b.ndim == a.ndim - 1 and b.shape == a.shape[:-1])
    if vector:
        grad, b = unsqueeze(grad, -1), unsqueeze(b, -1)
    back = transpose(inv(a))
    if left:
        return -(matmul(back, matmul(grad, transpose(matmul(inv(a), b)))))
    return -(matmul(matmul(transpose(matmul(b, inv(a))), grad), back))


def matrix_exp_back(a: Array, grad: Array) -> Array:
    """The derivative of the matrix exponential at `a` towards `grad`: a block of a larger one."""
    n = a.shape[-1]
    zero = full(a.shape, 0.0)
    both = cat([cat([a, grad], -1), cat([zero, a], -1)], -2)
    return slice_(slice_(matrix_exp(both), -2, 0, n), -1, n, 2 * n)


FUNCTIONS: Table = {
    "matmul": (matmul, r"@1\, @2", PRODUCT),
    "inv": (inv, "@1^{-1}", POWER),
    "det": (det, r"\det @1", PRODUCT),
    "solve": (solve, r"@1^{-1}\, @2", PRODUCT),
    "solve_right": (lambda b, a: matmul(b, inv(a)), r"@1\, @2^{-1}", PRODUCT),
    "cholesky": (cholesky, r"\operatorname{chol}\left(#1\right)", ATOM),
    "half": (_each_matrix(_half), r"\Phi\left(#1\right)", ATOM),
    "trace": (trace, r"\operatorname{tr} @1", PRODUCT),
    "eye_like": (eye_like, "I", ATOM),
    "outer": (outer, r"@1\, @2^{\top}", PRODUCT),
    "dot": (dot, r"@1^{\top} @2", PRODUCT),
    "cross": (cross, r"@1 \times @2", PRODUCT),
    "solve_back": (solve_back, "#1", ATOM),
    "triangle": (
        lambda a, upper: triangle(a, 0, not upper),
        r"\operatorname{tri}\left(#1\right)",
        ATOM,
    ),
    "A_symmetric": (lambda a: (a + transpose(a)) / 2, "#1", ATOM),
    "symmetric": (lambda a: (a + transpose(a)) / 2, r"\operatorname{sym}\left(#1\right)", ATOM),
    "corner_grad": (lambda g, a: reshape(g, (*g.shape, 1, 1)), "#1", ATOM),
    "matrix_exp": (matrix_exp, "e^{#1}", POWER),
    "matrix_exp_back": (matrix_exp_back, "#2", ATOM),
}
