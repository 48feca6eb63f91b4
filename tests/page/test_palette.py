"""Colours of the page told apart by people who see fewer: simulated, in both themes.

The simulation is that of Machado, Oliveira and Fernandes (2009), full severity, whose matrices are
published; the distance is CIE76 in L*a*b*. Shape and line distinguish the kinds too: what is close
in colour must differ in them.
"""

import math
import re
from itertools import combinations
from pathlib import Path

import pytest

THEME = (Path(__file__).parents[2] / "static/page/theme.css").read_text()
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
LEAST = 10.0  # a difference that is seen at once, side by side
# These pairs differ in outline, line or place, and may be close in colour.
BY_SHAPE = {
    frozenset(pair)
    for pair in (
        ("leaf", "parameter"),  # rounded and thick; a double line
        ("intermediate", "function"),  # a rectangle; an ellipse
        ("leaf", "fold"),  # a sign that opens it
        ("gradient", "fold"),  # an arrow or a chip; a box
        ("gradient", "error"),  # an arrow; an octagon, and the word
        ("error", "fold"),
        ("leaf", "error"),
        ("parameter", "intermediate"),
        ("leaf", "gradient"),
    )
}
KINDS = ("leaf", "parameter", "intermediate", "function", "fold", "gradient", "error")


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def lab(colour: str, deficiency: str) -> tuple[float, float, float]:
    """L*a*b* of `#rrggbb` as it is seen with a deficiency."""
    given = [linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5)]
    matrix = DEFICIENCIES[deficiency]
    r, g, b = (
        min(1.0, max(0.0, sum(factor * part for factor, part in zip(row, given, strict=True))))
        for row in matrix
    )
    white = (0.95047, 1.0, 1.08883)
    xyz = (
        0.4124 * r + 0.3576 * g + 0.1805 * b,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        0.0193 * r + 0.1192 * g + 0.9505 * b,
    )
    x, y, z = (
        (part / of) ** (1 / 3) if part / of > 0.008856 else 7.787 * part / of + 16 / 116
        for part, of in zip(xyz, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(deficiency: str, one: str, other: str) -> float:
    pairs = zip(lab(one, deficiency), lab(other, deficiency), strict=True)
    return math.sqrt(sum((a - b) ** 2 for a, b in pairs))


def colour(name: str, theme: int) -> str:
    found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", THEME)
    single = re.search(rf"--{name}: (#\w+);", THEME)
    assert found or single, name
    return found[1 + theme] if found else single[1] if single else ""


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_kinds_that_look_alike_in_shape_differ_in_colour(deficiency: str, theme: int) -> None:
    close = {
        pair: round(distance(deficiency, *(colour(f"{each}-border", theme) for each in pair)), 1)
        for pair in combinations(KINDS, 2)
        if frozenset(pair) not in BY_SHAPE
    }
    assert {pair: found for pair, found in close.items() if found < LEAST} == {}


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_a_heat_map_tells_above_from_below_and_both_from_what_is_not_finite(
    deficiency: str,
) -> None:
    names = ("above", "below", "not-finite")
    for one, other in combinations(names, 2):
        assert distance(deficiency, colour(one, 0), colour(other, 0)) > 2 * LEAST, (one, other)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_a_gradient_stands_out_from_a_plain_arrow_whatever_one_sees(theme: int) -> None:
    for deficiency in DEFICIENCIES:
        orange, plain = colour("gradient-border", theme), colour("muted", theme)
        assert distance(deficiency, orange, plain) > 2 * LEAST, deficiency
