"""Untrusted text as a DOT label: the only place where it enters a picture."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

MAX_CHARACTERS = 40  # of a name or a message
MAX_ROOM = 9  # spaces after it
ROW_CHARACTERS = 60  # of a row made of several

Alignment = Literal["left", "centre"]

_LINE_END: dict[Alignment, str] = {"left": r"\l", "centre": r"\n"}


def shown(text: str, limit: int = MAX_CHARACTERS) -> str:
    """The text as one visible line of at most `limit` characters, never empty.

    Controls, surrogates and all that XML forbids go (Unicode's categories C*), bidi marks
    with them; whatever separates becomes a space.
    """
    text = text[: 20 * limit]  # the rest is never shown
    is_plain = text.isascii() and text.isprintable()
    line = (text if is_plain else "".join(_visible(text))).strip()
    if len(line) > limit:
        line = line[: limit - 1] + "…"
    return line or "?"


def label(rows: Sequence[str], alignment: Alignment = "centre") -> str:
    """The rows as the value of a `label` attribute, but for the quotes around and in it.

    Backslashes are doubled (`\\N` would name the node), ampersands are entities (Graphviz would
    resolve its own). No row is empty: an empty first one crashes Graphviz 16.1.
    """
    end = _LINE_END[alignment]
    lines = [row.replace("\\", "\\\\").replace("&", "&amp;") for row in lines_of(rows)]
    return end.join(lines) + (end if alignment == "left" else "")


def lines_of(rows: Sequence[str]) -> list[str]:
    """The rows as a label shows them. Spaces at the end of one are room for what comes later."""
    return [shown(row, ROW_CHARACTERS) + _room(row) for row in rows or ("",)]


def _room(row: str) -> str:
    return " " * min(len(row) - len(row.rstrip(" ")), MAX_ROOM) if row.strip() else ""


def columns(text: str) -> int:
    """How many cells of a monospace font the text may take.

    Wide letters take two; Graphviz itself counts bytes, and moves text that it thinks too wide
    out of its box.
    """
    if text.isascii() and text.isprintable():
        return len(text)
    return max(sum(_cells(character) for character in text), len(text.encode()))


def _visible(text: str) -> Iterable[str]:
    for character in text:
        category = unicodedata.category(character)
        if category[0] == "Z" or character in "\t\n\r\v\f":
            yield " "
        elif category[0] != "C":
            yield character


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
