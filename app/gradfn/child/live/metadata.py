"""A program's metadata: TOML in a comment, in the form of PEP 723.

    # /// gradfn
    # speed = 20
    # [controls.lr]
    # low = 0.001
    # high = 1
    # scale = "log"
    # [[views]]
    # kind = "fit"
    # ///

Whatever in it is not understood counts as not there: the program runs all the same.
"""

import math
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

from gradfn.events.source import lines_of

BLOCK = re.compile(r"^# /// gradfn$\n(?P<toml>(?:^#(?:| .*)$\n)+?)^# ///$", re.MULTILINE)
MAX_BLOCK = 8_000  # characters
Range = tuple[float | int | None, float | int | None, Literal["linear", "log"]]


@dataclass(frozen=True, slots=True)
class Metadata:
    """The block of a program: nothing, where it has none."""

    table: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def in_source(cls, source: str) -> "Metadata":
        """The metadata in the program's block."""
        block = BLOCK.search(source)
        if block is None or len(block["toml"]) > MAX_BLOCK:
            return cls()
        text = "\n".join(line.removeprefix("#").strip() for line in lines_of(block["toml"]))
        try:
            return cls(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError):
            return cls()

    @property
    def speed(self) -> float | None:
        """Iterations a second to begin with."""
        speed = self.table.get("speed")
        return float(speed) if _is_number(speed) and 0 <= speed <= 1e6 else None

    @property
    def views(self) -> list[dict[str, Any]]:
        """The views it asks for."""
        views = self.table.get("views")
        return [each for each in views if isinstance(each, dict)] if isinstance(views, list) else []

    def range_of(self, name: str, value: float | int) -> Range:
        """Low, high and scale of a control: as declared, or around its value."""
        low, high, scale = _range_around(value)
        controls = self.table.get("controls")
        declared = controls.get(name) if isinstance(controls, dict) else None
        if not isinstance(declared, dict):
            return low, high, scale
        low = declared["low"] if _is_number(declared.get("low")) else low
        high = declared["high"] if _is_number(declared.get("high")) else high
        scale = "log" if declared.get("scale", scale) == "log" else "linear"
        if low is None or high is None or not low < high or (scale == "log" and low <= 0):
            return _range_around(value)
        return low, high, scale


def _range_around(value: float | int) -> Range:
    if not math.isfinite(value) or abs(value) > 1e12:
        return None, None, "linear"
    if type(value) is int:
        return (min(0, 2 * value), max(10, 2 * value), "linear")
    if value > 0:
        return value / 100, value * 100, "log"
    return (2 * value, -2 * value, "linear") if value < 0 else (0.0, 1.0, "linear")


def _is_number(thing: Any) -> TypeGuard[float | int]:
    return type(thing) in (int, float) and math.isfinite(thing) and abs(thing) < 2**53
