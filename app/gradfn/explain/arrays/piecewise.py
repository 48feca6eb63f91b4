"""Functions of single elements that have cases: powers at 0, clamps, activations."""

import math
from collections.abc import Callable
from typing import Any

from gradfn.explain.arrays import special
from gradfn.explain.arrays.array import Array, array, combine, full
from gradfn.explain.arrays.notation import ATOM, POWER, PRODUCT, SUM, Table
from gradfn.explain.arrays.shapes import cat, slice_


def given(value: Any, otherwise: float) -> Any:
    """The value, or a default in place of None."""
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


def inverse_or_zero(a: Array) -> Array:
    """1 / x, and 0 at 0, where autograd takes the derivative of a standard deviation to be 0."""
    return a.map(lambda x: 1 / x if x else 0.0)


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


def _log_floor(x: float) -> float:
    return max(special.log(x), -100.0)


def _power_slope_latex(base: str, exponent: str) -> str:
    """p x^(p - 1), with p - 1 computed where p is a number."""
    try:
        less = f"{float(exponent) - 1:g}"
    except ValueError:
        less = f"{exponent} - 1"
    return f"{exponent} \\cdot @1" if less == "1" else f"{exponent} \\cdot @1^{{{less}}}"


FUNCTIONS: Table = {
    "given": (given, "#1", ATOM),
    "full_like": (full_like, "#2", ATOM),
    "power_slope": (power_slope, _power_slope_latex, PRODUCT),
    "log_or_zero": (log_or_zero, r"@1 \cdot \ln @2", PRODUCT),
    "inverse_or_zero": (inverse_or_zero, r"\frac{1}{#1}", POWER),
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
    "log_floor": (lambda a: array(a).map(_log_floor), r"\ln\left(#1\right)", ATOM),
}
