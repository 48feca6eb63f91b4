"""The style of each kind of element: shape and line distinguish them, colour only repeats it.

The colours are the page's light theme; the page overrides them by class.
"""

from dataclasses import dataclass

from gradfn.model.layout import Kind
from gradfn.render.quote import Alignment

CANVAS = "#fbfcfd"
ARROW = "#59636e"
FONT = "Courier"  # Graphviz knows its widths by heart, and writes `Courier,monospace` into SVG
POINTS_PER_EM = 0.6  # a letter's width in every monospace font worth the name
LINE = 1.2
BRIEF_ROWS = 2  # a name and a shape; more are a table


@dataclass(frozen=True, slots=True)
class Style:
    """Classes, shape, line and colours of one kind. Sizes are in points."""

    classes: str
    shape: str
    style: str
    fill: str
    border: str
    text: str
    pen: float = 1.2
    borders: int = 1
    font: float = 12.0
    across: float = 16.0
    down: float = 12.0
    stretch: float = 1.0  # a curved outline needs more room for the same text
    align: Alignment = "centre"
    least: int = 0  # columns of a table, so that a number which comes later has room

    def size(self, wide: int, rows: int) -> tuple[float, float]:
        """Width and height for a text of so many columns and rows."""
        wide = max(wide, self.least) if rows > BRIEF_ROWS else wide
        width = wide * self.font * POINTS_PER_EM * self.stretch + self.across
        return width, rows * self.font * LINE + self.down


_LEAF = ("#dcf3e8", "#007a57", "#004d37")
_PARAMETER = ("#d8f1f6", "#0b7285", "#07414c")
_INTERMEDIATE = ("#e0eefb", "#1767b0", "#0b3d6b")
_CONSTANT = ("#eef0f2", "#68717c", "#363d46")
_FUNCTION = ("#efe7fb", "#7a40bf", "#471f7a")
_FOLD = ("#fff4d6", "#8a6100", "#553c00")
_ERROR = ("#fde5e6", "#c01f2e", "#7d0d18")

STYLES: dict[Kind, Style] = {
    "leaf": Style("tensor leaf", "box", "rounded,filled", *_LEAF, pen=2.4, align="left", least=26),
    "parameter": Style(
        "tensor parameter", "box", "filled", *_PARAMETER, borders=2, align="left", least=26,
    ),
    "intermediate": Style("tensor intermediate", "box", "filled", *_INTERMEDIATE, align="left"),
    "constant": Style("tensor constant", "note", "filled,dashed", *_CONSTANT, align="left"),
    "function": Style("function", "ellipse", "filled", *_FUNCTION, stretch=1.15, down=18),
    "accumulate": Style(
        "function accumulate", "ellipse", "filled", *_FUNCTION,
        font=10, stretch=1.15, across=10, down=12,
    ),
    "proxy leaf": Style("proxy leaf", "box", "rounded,filled,dotted", *_LEAF, font=10, down=8),
    "proxy parameter": Style(
        "proxy parameter", "box", "filled,dotted", *_PARAMETER, font=10, down=8,
    ),
    "proxy constant": Style("proxy constant", "note", "filled,dotted", *_CONSTANT, font=10, down=8),
    "cut": Style("cut", "box", "filled,dashed", *_CONSTANT, font=10, across=12, down=8),
    "error": Style("error", "octagon", "filled", *_ERROR, pen=2, across=56, down=40),
    "fold": Style("fold", "box", "rounded,filled", *_FOLD, pen=1.6),
    "fold repeat": Style("fold repeat", "box", "rounded,filled", *_FOLD, pen=1.6, borders=2),
    "fold group": Style("fold group", "box", "rounded,filled,dashed", *_FOLD),
    "operations": Style(
        "function operations", "ellipse", "filled", *_FUNCTION, stretch=1.15, down=18,
    ),
    "leaves": Style("fold leaves", "box", "rounded,filled,dashed", *_PARAMETER),
    "empty": Style("empty", "plaintext", "", "transparent", ARROW, ARROW, borders=0),
}  # fmt: skip

FRAME = {
    "peripheries": "1",
    "color": "#b08a2e",
    "fontcolor": "#553c00",
    "fontsize": "11",
    "penwidth": "1.2",
}

LEGEND: dict[Kind, str] = {
    "leaf": "leaf",
    "parameter": "parameter",
    "intermediate": "intermediate",
    "constant": "constant",
    "function": "function",
    "accumulate": "adds to .grad",
    "proxy leaf": "leaf, used again",
    "proxy parameter": "parameter, used again",
    "proxy constant": "constant, used again",
    "cut": "history cut",
    "error": "error",
    "fold": "fold: opens",
    "fold repeat": "repeat: opens",
    "fold group": "group: opens",
    "leaves": "leaves: opens",
}
