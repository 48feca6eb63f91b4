"""Activations, normalisation, attention: the parts that have cases, or several steps."""

import math
from collections.abc import Callable
from typing import Any

from gradfn.explain.arrays import special
from gradfn.explain.arrays.array import (
    Array,
    array,
    combine,
    count,
    dims_of,
    expand,
    full,
    matmul,
    mean_of,
    permute,
    reduce,
    reshape,
    softmax,
    spread,
    sum_of,
)
from gradfn.explain.arrays.linear import inv, matrix_exp
from gradfn.explain.arrays.shapes import cat, slice_, transpose, triangle, unsqueeze

POWER, ATOM, PRODUCT, SUM = 4, 5, 2, 1


def given(value: Any, otherwise: float) -> Any:
    """The value, or what stands for its absence."""
    return otherwise if value is None else value


def full_like(a: Array, value: Any) -> Array:
    """The same number everywhere."""
    return full(a.shape, array(value).data[0])


def power_slope(a: Any, exponent: Any) -> Array:
    """p · x^(p - 1), which is 0 for p = 0 even at x = 0."""
    return combine(_power_slope, array(a), array(exponent))


def _power_slope(x: float, p: float) -> float:
    return 0.0 if p == 0 else p * (array(x) ** (p - 1)).data[0]


def log_or_zero(result: Array, base: Any) -> Array:
    """z · ln x, which is 0 where z is."""
    return combine(lambda z, x: 0.0 if z == 0 else z * special.log(x), result, array(base))


def rounded(a: Array, mode: Any) -> Array:
    """Rounded as `rounding_mode` says."""
    how: Callable[[float], float] = math.floor if mode == "floor" else math.trunc
    return a.map(lambda x: float(how(x)) if math.isfinite(x) else x) if mode else a


def share_larger(a: Any, b: Any) -> Array:
    """1 where a is larger, ½ where they are equal."""
    return combine(lambda x, y: 1.0 if x > y else 0.5 if x == y else 0.0, array(a), array(b))


def clamp_unit(a: Array, eps: Any) -> Array:
    """Kept `eps` away from 0 and 1."""
    return a if eps is None else a.map(lambda x: min(max(x, eps), 1 - eps))


def inside_unit(a: Array, eps: Any) -> Array:
    """1 where `clamp_unit` changes nothing."""
    edge = 0.0 if eps is None else eps
    return a.map(lambda x: float(edge <= x <= 1 - edge))


def finite_or(a: Array, nan: Any, positive: Any, negative: Any) -> Array:
    """NaN and infinities replaced."""
    largest = 1.7976931348623157e308
    instead = {
        "nan": given(nan, 0.0),
        "inf": given(positive, largest),
        "-inf": given(negative, -largest),
    }
    return a.map(lambda x: float(instead.get(str(x), x)))


def gelu(a: Array, approximate: Any) -> Array:
    """x · Φ(x), or its approximation by tanh."""
    if approximate == "tanh":
        return a.map(lambda x: 0.5 * x * (1 + math.tanh(_gelu_inner(x))))
    return a.map(lambda x: x * special.normal_cdf(x))


def gelu_slope(a: Array, approximate: Any) -> Array:
    """Φ(x) + x · φ(x), or the derivative of the approximation."""
    if approximate != "tanh":
        return a.map(lambda x: special.normal_cdf(x) + x * special.normal_pdf(x))

    def slope(x: float) -> float:
        bent = math.tanh(_gelu_inner(x))
        inner = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
        return 0.5 * (1 + bent) + 0.5 * x * (1 - bent * bent) * inner

    return a.map(slope)


def _gelu_inner(x: float) -> float:
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)


def softplus_at(a: Array, beta: float, threshold: float) -> Array:
    """ln(1 + exp(βx)) / β, and x itself where βx is above the threshold."""
    return a.map(lambda x: x if x * beta > threshold else special.softplus(x * beta) / beta)


def softplus_slope(a: Array, beta: float, threshold: float) -> Array:
    """The sigmoid of beta times x, and 1 above the threshold."""
    return a.map(lambda x: 1.0 if x * beta > threshold else special.sigmoid(x * beta))


def _half(a: Array, dim: int, second: bool) -> Array:
    size = a.shape[dim] // 2
    return slice_(a, dim, size if second else 0, 2 * size if second else size)


# Norms and ties.


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


# Normalisation.


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


# Matrices.


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


def pairs(a: Array, b: Array) -> Array:
    """Every row of one minus every row of the other."""
    return unsqueeze(a, -2) - unsqueeze(b, -3)


def _attention(q: Array, k: Array, mask: Any, causal: Any, scale: Any) -> tuple[Array, float]:
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else float(scale)
    scores = matmul(q, transpose(k)) * factor
    if causal:
        rows, columns = scores.shape[-2:]
        hidden = [0.0 if j <= i else -math.inf for i in range(rows) for j in range(columns)]
        scores = scores + Array((rows, columns), hidden)
    if mask is not None:
        scores = scores + mask
    return softmax(scores, -1), factor


def attention(q: Array, k: Array, v: Array, mask: Any, causal: Any, scale: Any) -> Array:
    """Scaled dot-product attention."""
    return matmul(_attention(q, k, mask, causal, scale)[0], v)


def attention_back(
    grad: Array, q: Array, k: Array, v: Array, mask: Any, causal: Any, scale: Any, which: int
) -> Array:
    """vᵀ·J of `attention` for the query (0), the key (1) or the value (2)."""
    p, factor = _attention(q, k, mask, causal, scale)
    if which == 2:
        return matmul(transpose(p), grad)
    inner = matmul(grad, transpose(v))
    scores = p * (inner - sum_of(inner * p, -1, True)) * factor
    return matmul(scores, k) if which == 0 else matmul(transpose(scores), q)


def _log_floor(x: float) -> float:
    return max(special.log(x), -100.0)


def _power_slope_latex(base: str, exponent: str) -> str:
    """p x^(p - 1), with p - 1 worked out where p is a number."""
    try:
        less = f"{float(exponent) - 1:g}"
    except ValueError:
        less = f"{exponent} - 1"
    return f"{exponent} \\cdot @1" if less == "1" else f"{exponent} \\cdot @1^{{{less}}}"


FUNCTIONS: dict[str, tuple[Callable[..., Any], str | Callable[..., str], int]] = {
    "given": (given, "#1", ATOM),
    "full_like": (full_like, "#2", ATOM),
    "power_slope": (power_slope, _power_slope_latex, PRODUCT),
    "log_or_zero": (log_or_zero, r"@1 \cdot \ln @2", PRODUCT),
    "rounded": (rounded, r"\operatorname{round}\left(#1\right)", ATOM),
    "share_larger": (share_larger, r"\left[#1 > #2\right]", ATOM),
    "clamp_unit": (clamp_unit, "#1", ATOM),
    "inside_unit": (inside_unit, "1", ATOM),
    "finite_or": (finite_or, r"\operatorname{finite}\left(#1\right)", ATOM),
    "gelu": (gelu, r"@1 \cdot \Phi\left(#1\right)", PRODUCT),
    "gelu_slope": (
        gelu_slope,
        r"\Phi\left(#1\right) + @1 \cdot \varphi\left(#1\right)",
        SUM,
    ),
    "softplus_at": (softplus_at, r"\frac{1}{#2} \ln\left(1 + e^{#2 \cdot @1}\right)", PRODUCT),
    "softplus_slope": (softplus_slope, r"\sigma\left(#2 \cdot @1\right)", ATOM),
    "first_half": (lambda a, dim: _half(a, dim, False), "@1_1", ATOM),
    "second_half": (lambda a, dim: _half(a, dim, True), "@1_2", ATOM),
    "halves": (lambda a, b, dim: cat([a, b], dim), r"\left[#1,\; #2\right]", ATOM),
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
    "last": (lambda sizes: list(range(-len(sizes), 0)), "#1", ATOM),
    "normal": (normal, r"\frac{#1 - \mu}{\sigma}", POWER),
    "normal_back": (normal_back, "#1", ATOM),
    "group_normal": (group_normal, r"\frac{#1 - \mu}{\sigma}", POWER),
    "group_back": (group_back, "#1", ATOM),
    "batch_normal": (batch_normal, r"\frac{#1 - \mu}{\sigma}", POWER),
    "batch_back": (batch_back, "#1", ATOM),
    "log_floor": (lambda a: array(a).map(_log_floor), r"\ln\left(#1\right)", ATOM),
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
    "cdist": (
        lambda a, b, p: reduce(
            lambda line: math.fsum(abs(x) ** p for x in line) ** (1 / p), pairs(a, b), -1
        ),
        r"\left\|#1_i - #2_j\right\|_{#3}",
        ATOM,
    ),
    "pairs": (pairs, r"\left(#1_i - #2_j\right)", ATOM),
    "attention": (attention, "#1", ATOM),
    "attention_back": (attention_back, "#1", ATOM),
}
