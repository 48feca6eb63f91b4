"""The functions that formulas may call: what each gives, and how it is written."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gradfn.explain.arrays import (
    attention,
    convolve,
    indices,
    linear,
    loss_terms,
    normalise,
    norms,
    piecewise,
    shapes,
    special,
    windows,
)
from gradfn.explain.arrays.array import (
    Array,
    add_at,
    along,
    array,
    combine,
    count,
    expand,
    full,
    mean_of,
    positions,
    reduce,
    reshape,
    softmax,
    spread,
    sum_of,
    sum_to,
    take,
)
from gradfn.explain.arrays.notation import ATOM, POWER, PRODUCT, SUM


@dataclass(frozen=True, slots=True)
class FormulaFunction:
    """A function that a formula may call."""

    evaluate: Callable[..., Any]
    latex: str | Callable[..., str]  # of the arguments' LaTeX, where numbers make a difference
    binds: int = ATOM


def _each(function: Callable[[float], float], edge: float = math.nan) -> Callable[[Any], Array]:
    safe = special.total(function, edge)
    return lambda a: array(a).map(safe)


def _named(
    name: str, function: Callable[[float], float], edge: float = math.nan
) -> FormulaFunction:
    return FormulaFunction(_each(function, edge), rf"{name}\left(#1\right)")


def _operator(name: str) -> str:
    return rf"\operatorname{{{name}}}"


_ELEMENTWISE: dict[str, FormulaFunction] = {
    "exp": FormulaFunction(_each(math.exp), "e^{#1}", POWER),
    "exp2": FormulaFunction(_each(lambda x: 2.0**x), "2^{#1}", POWER),
    "expm1": FormulaFunction(_each(math.expm1), "e^{#1} - 1", SUM),
    "log": _named(r"\ln", special.log),
    "log2": _named(r"\log_2", math.log2, -math.inf),
    "log10": _named(r"\log_{10}", math.log10, -math.inf),
    "log1p": FormulaFunction(_each(math.log1p, -math.inf), r"\ln\left(1 + #1\right)"),
    "sqrt": FormulaFunction(_each(math.sqrt), r"\sqrt{#1}"),
    "abs": FormulaFunction(_each(abs), r"\left|#1\right|"),
    "sign": _named(_operator("sign"), special.sign),
    "sin": _named(r"\sin", math.sin),
    "cos": _named(r"\cos", math.cos),
    "tan": _named(r"\tan", math.tan),
    "asin": _named(r"\arcsin", math.asin),
    "acos": _named(r"\arccos", math.acos),
    "atan": _named(r"\arctan", math.atan),
    "sinh": _named(r"\sinh", math.sinh),
    "cosh": _named(r"\cosh", math.cosh),
    "tanh": _named(r"\tanh", math.tanh),
    "asinh": _named(_operator("arsinh"), math.asinh),
    "acosh": _named(_operator("arcosh"), math.acosh),
    "atanh": _named(_operator("artanh"), math.atanh),
    "sinc": _named(_operator("sinc"), special.sinc),
    "sinc_slope": FormulaFunction(
        _each(special.sinc_slope), r"\frac{\cos(\pi #1) - \operatorname{sinc}(#1)}{#1}", POWER
    ),
    "erf": _named(_operator("erf"), math.erf),
    "erfc": _named(_operator("erfc"), math.erfc),
    "erfinv": _named(r"\operatorname{erf}^{-1}", special.erfinv),
    "lgamma": FormulaFunction(
        _each(math.lgamma, math.inf), r"\ln\left|\Gamma\left(#1\right)\right|"
    ),
    "digamma": _named(r"\psi", special.digamma),
    "trigamma": _named(r"\psi_1", special.trigamma),
    "i0": _named("I_0", lambda x: special.bessel_i(0, x)),
    "i1": _named("I_1", lambda x: special.bessel_i(1, x)),
    "sigmoid": _named(r"\sigma", special.sigmoid),
    "softplus": FormulaFunction(_each(special.softplus), r"\ln\left(1 + e^{#1}\right)"),
    "Phi": _named(r"\Phi", special.normal_cdf),
    "phi": _named(r"\varphi", special.normal_pdf),
    "floor": FormulaFunction(
        _each(lambda x: float(math.floor(x))), r"\left\lfloor #1 \right\rfloor"
    ),
    "ceil": FormulaFunction(_each(lambda x: float(math.ceil(x))), r"\left\lceil #1 \right\rceil"),
    "trunc": _named(_operator("trunc"), lambda x: float(math.trunc(x))),
    "round": _named(_operator("round"), special.round_half_to_even),
    "finite": FormulaFunction(
        lambda a: array(a).map(lambda x: float(math.isfinite(x))),
        r"\operatorname{isfinite}\left(#1\right)",
    ),
    "isnan": FormulaFunction(
        lambda a: array(a).map(lambda x: float(x != x)), r"\operatorname{isnan}\left(#1\right)"
    ),
}


def _maximum(a: Any, b: Any) -> Array:
    return combine(lambda x, y: x if x != x or x > y else y, array(a), array(b))


def _minimum(a: Any, b: Any) -> Array:
    return combine(lambda x, y: x if x != x or x < y else y, array(a), array(b))


def _where(condition: Any, yes: Any, no: Any) -> Array:
    # Not by multiplying: 0 · ∞ is NaN, and the branch not taken must not be felt.
    chosen = condition, yes, no = array(condition), array(yes), array(no)
    zero = Array((), (0.0,))
    shape = zero.shape
    for part in chosen:
        shape = combine(lambda a, _: a, full(shape, 0.0), part).shape
    spread = [expand(part, shape).data for part in chosen]
    return Array(shape, [y if c else n for c, y, n in zip(*spread, strict=True)])


_PAIRS: dict[str, FormulaFunction] = {
    "maximum": FormulaFunction(_maximum, r"\max\left(#1, #2\right)"),
    "minimum": FormulaFunction(_minimum, r"\min\left(#1, #2\right)"),
    "atan2": FormulaFunction(
        lambda a, b: combine(math.atan2, array(a), array(b)),
        r"\operatorname{atan2}\left(#1, #2\right)",
    ),
    "where": FormulaFunction(
        _where, r"\begin{cases} #2 & \text{if } #1 \\ #3 & \text{otherwise} \end{cases}"
    ),
    "isnt": FormulaFunction(lambda a: 1 - array(a), r"\left(1 - #1\right)"),
    "copysign": FormulaFunction(
        lambda a, b: combine(math.copysign, array(a), array(b)),
        r"\left|#1\right| \operatorname{sign}\left(#2\right)",
        PRODUCT,
    ),
    "clamp": FormulaFunction(
        lambda a, low, high: _minimum(
            _maximum(a, -math.inf if low is None else low), math.inf if high is None else high
        ),
        r"\min\left(\max\left(#1, #2\right), #3\right)",
    ),
    "within": FormulaFunction(
        lambda a, low, high: (
            (a >= (-math.inf if low is None else low)) * (a <= (math.inf if high is None else high))
        ),
        r"\left[#2 \le #1 \le #3\right]",
    ),
}


def _prod(a: Array, dim: Any = None, keepdim: Any = False) -> Array:
    return reduce(math.prod, a, dim, bool(keepdim))


def _prod_of_others(a: Array, dim: Any = None) -> Array:
    def others(line: list[float]) -> list[float]:
        return [math.prod(line[:nr] + line[nr + 1 :]) for nr in range(len(line))]

    if dim is None:
        return Array(a.shape, others(a.data))
    return along(others, a, dim)


def _logsumexp(a: Array, dim: Any = None, keepdim: Any = False) -> Array:
    def of(line: list[float]) -> float:
        top = max(line)
        return top + math.log(math.fsum(math.exp(x - top) for x in line))

    return reduce(of, a, dim, bool(keepdim))


def _cumulative(step: Callable[[float, float], float], reverse: bool) -> Callable[..., Array]:
    def of(line: list[float]) -> list[float]:
        found: list[float] = []
        for x in reversed(line) if reverse else line:
            found.append(step(found[-1], x) if found else x)
        return found[::-1] if reverse else found

    return lambda a, dim: along(of, a, dim)


def _norm(a: Array, p: float, dim: Any = None, keepdim: Any = False) -> Array:
    def of(line: list[float]) -> float:
        sizes = list(map(abs, line))
        if math.isinf(p):
            return max(sizes) if p > 0 else min(sizes)
        if p == 0:
            return float(sum(map(bool, sizes)))
        return math.pow(math.fsum(x**p for x in sizes), 1 / p)

    return reduce(of, a, dim, bool(keepdim))


def _variance(a: Array, dim: Any, correction: float, keepdim: Any = False) -> Array:
    def of(line: list[float]) -> float:
        mean = math.fsum(line) / len(line)
        return math.fsum((x - mean) ** 2 for x in line) / (len(line) - correction)

    return reduce(of, a, dim, bool(keepdim))


def _extreme(which: Callable[[list[float]], float]) -> Callable[..., Array]:
    return lambda a, dim=None, keepdim=False: reduce(which, a, dim, bool(keepdim))


def _ordered(a: Array, dim: Any, descending: Any) -> Array:
    return along(lambda line: sorted(line, reverse=bool(descending)), a, dim)


_REDUCTIONS: dict[str, FormulaFunction] = {
    "sum": FormulaFunction(lambda a, *rest: sum_of(array(a), *rest), r"\sum @1", PRODUCT),
    "nansum": FormulaFunction(
        lambda *a: sum_of(a[0].map(lambda x: 0.0 if x != x else x), *a[1:]), r"\sum @1"
    ),
    "mean": FormulaFunction(mean_of, r"\frac{1}{n} \sum @1", PRODUCT),
    "prod": FormulaFunction(_prod, r"\prod @1", PRODUCT),
    "prod_of_others": FormulaFunction(_prod_of_others, r"\prod_{j \ne i} @1_j", PRODUCT),
    "softmax": FormulaFunction(softmax, r"\operatorname{softmax}\left(#1\right)"),
    "logsumexp": FormulaFunction(_logsumexp, r"\ln \sum e^{#1}", PRODUCT),
    "cumsum": FormulaFunction(
        _cumulative(lambda a, b: a + b, False), r"\sum_{j \le i} @1_j", PRODUCT
    ),
    "cumprod": FormulaFunction(
        _cumulative(lambda a, b: a * b, False), r"\prod_{j \le i} @1_j", PRODUCT
    ),
    "sum_from": FormulaFunction(
        _cumulative(lambda a, b: a + b, True), r"\sum_{j \ge i} @1_j", PRODUCT
    ),
    "logcumsumexp": FormulaFunction(
        _cumulative(lambda a, b: max(a, b) + math.log1p(math.exp(-abs(a - b))), False),
        r"\ln \sum_{j \le i} e^{@1_j}",
        PRODUCT,
    ),
    "norm": FormulaFunction(_norm, r"\left\|#1\right\|_{#2}"),
    "var": FormulaFunction(_variance, r"\operatorname{var}\left(#1\right)"),
    "std": FormulaFunction(
        lambda *a: _variance(*a).map(special.total(math.sqrt)), r"\operatorname{std}\left(#1\right)"
    ),
    "amax": FormulaFunction(_extreme(max), r"\max #1", PRODUCT),
    "amin": FormulaFunction(_extreme(min), r"\min #1", PRODUCT),
    "ordered": FormulaFunction(_ordered, r"\operatorname{sort}\left(#1\right)"),
    "count": FormulaFunction(count, "n"),
    "spread": FormulaFunction(spread, "#1"),
    "sum_to": FormulaFunction(lambda a, like: sum_to(a, like.shape), r"\sum @1", PRODUCT),
}


_PLACES: dict[str, FormulaFunction] = {
    "at": FormulaFunction(lambda a: positions(a.shape), r"\operatorname{at}\left(#1\right)"),
    "back": FormulaFunction(
        lambda grad, like, at: add_at(like.shape, at.data, expand(grad, at.shape).data),
        r"\operatorname{place}\left(#1\right)",
    ),
    "take": FormulaFunction(take, r"@1_{#2}"),
    "zeros": FormulaFunction(lambda a: full(a.shape, 0.0), "0"),
    "ones": FormulaFunction(lambda a: full(a.shape, 1.0), "1"),
    "reshape": FormulaFunction(reshape, r"\operatorname{reshape}\left(#1\right)"),
    "like": FormulaFunction(lambda a, like: reshape(a, like.shape), "#1"),
}


_MODULES = (
    shapes, indices, linear, piecewise, norms, normalise, attention, loss_terms, convolve, windows,
)  # fmt: skip

FUNCTIONS: dict[str, FormulaFunction] = {
    **_ELEMENTWISE,
    **_PAIRS,
    **_REDUCTIONS,
    **_PLACES,
    **{
        name: FormulaFunction(*each)
        for module in _MODULES
        for name, each in module.FUNCTIONS.items()
    },
}
