"""Functions of one real number as IEEE has them: no exceptions, infinities and NaN instead."""

import math
from collections.abc import Callable


def total(
    function: Callable[[float], float], at_the_edge: float = math.nan
) -> Callable[[float], float]:
    """The function, giving `at_the_edge` where Python's would raise."""

    def value(x: float) -> float:
        if x != x:
            return x
        try:
            return function(x)
        except (ValueError, ZeroDivisionError):
            return at_the_edge
        except OverflowError:
            return math.inf

    return value


def log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf if x == 0 else math.nan


def sigmoid(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)


def softplus(x: float) -> float:
    """log(1 + exp(x)), without overflow."""
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def sign(x: float) -> float:
    return float((x > 0) - (x < 0))


def round_half_to_even(x: float) -> float:
    return float(round(x)) if math.isfinite(x) else x


def sinc(x: float) -> float:
    return math.sin(math.pi * x) / (math.pi * x) if x else 1.0


def sinc_slope(x: float) -> float:
    """The derivative of sinc."""
    if x == 0:
        return 0.0
    turned = math.pi * x
    return (turned * math.cos(turned) - math.sin(turned)) / (turned * x)


def normal_cdf(x: float) -> float:
    """The standard normal distribution, Φ."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def normal_pdf(x: float) -> float:
    """The standard normal density, φ."""
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def digamma(x: float) -> float:
    """ψ(x), by reflection, recurrence and the asymptotic series."""
    if x <= 0 and x == math.floor(x):
        return math.nan if x else math.copysign(math.inf, -x)
    if x < 0:
        return digamma(1 - x) - math.pi / math.tan(math.pi * x)
    value = 0.0
    while x < 10:
        value -= 1 / x
        x += 1
    inverse = 1 / (x * x)
    series = inverse * (1 / 12 - inverse * (1 / 120 - inverse * (1 / 252 - inverse / 240)))
    return value + math.log(x) - 0.5 / x - series


def trigamma(x: float) -> float:
    """ψ₁(x), the derivative of digamma."""
    if x < 0.5:
        return (math.pi / math.sin(math.pi * x)) ** 2 - trigamma(1 - x)
    value = 0.0
    while x < 15:
        value += 1 / (x * x)
        x += 1
    inverse = 1 / (x * x)
    series = 1 / 6 - inverse * (1 / 30 - inverse * (1 / 42 - inverse / 30))
    return value + 1 / x + inverse / 2 + inverse / x * series


def erfinv(y: float) -> float:
    """The number whose erf is y, by Newton's steps from Winitzki's estimate."""
    if not -1 < y < 1:
        return math.copysign(math.inf, y) if abs(y) == 1 else math.nan
    if y == 0:
        return 0.0
    lead = math.log1p(-y * y)
    middle = 2 / (math.pi * 0.147) + lead / 2
    x = math.copysign(math.sqrt(math.sqrt(middle**2 - lead / 0.147) - middle), y)
    for _ in range(4):
        x -= (math.erf(x) - y) * math.sqrt(math.pi) / 2 * math.exp(x * x)
    return x


def bessel_i(order: int, x: float) -> float:
    """The modified Bessel function of the first kind, of order 0 or 1, by its power series."""
    term = (x / 2) ** order
    value, nr = term, 1
    while abs(term) > 1e-17 * abs(value) and nr < 500:
        term *= (x / 2) ** 2 / (nr * (nr + order))
        value += term
        nr += 1
    return value
