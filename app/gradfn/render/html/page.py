"""A run as HTML that needs nothing else: the picture, and beside it what is to be said."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Literal

from gradfn.model.document import RunDocument
from gradfn.render.html.cards import cards_json
from gradfn.render.html.opened import Pictures

_BOX = re.compile(r'<g id="([tf]\d+)"')


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence or more under the picture, with a title."""

    severity: Literal["info", "warning", "error"]
    title: str
    text: str


def notes_of(document: RunDocument) -> list[Note]:
    """The error of a run and its diagnostics, with their lines."""
    found = []
    if (error := document.error) is not None:
        known = error.explanation
        text = f"{known.why}\n{known.fix}" if known else ""
        title = f"{error.type}: {error.message}".rstrip(": ")
        found.append(Note("error", _at(error.line, title), text))
    found += [
        Note(each.severity, _at(each.line, each.title), f"{each.why}\n{each.fix}")
        for each in document.diagnostics
    ]
    return found


def fragment(
    svg: bytes | None,
    notes: Sequence[Note],
    document: RunDocument | None = None,
    pictures: Pictures | None = None,
) -> str:
    """A part of a page: the picture that can be moved and zoomed, and the notes.

    With the document, each box has a card, and backward passes can be played. With `pictures`,
    whose first is then the picture, folds can be opened.
    """
    stage = ""
    svg = pictures.first if pictures is not None else svg
    if svg is not None:
        label = "Computation graph. Drag to move it, Ctrl and the wheel or + and - to zoom."
        drawing = svg[svg.index(b"<svg") :].decode()
        stage = f'<div class="stage" tabindex="0" role="group" aria-label="{label}">{drawing}</div>'
        if document is not None:
            opened = pictures.opened if pictures is not None else []
            texts = [each.svg[each.svg.index(b"<svg") :].decode() for each in opened]
            drawn = frozenset(_BOX.findall("".join([drawing, *texts])))
            homes = pictures.homes if pictures is not None else {}
            stage += (
                '<div class="film" hidden></div><div class="card" aria-live="polite" hidden></div>'
                f'<script type="application/json">{cards_json(document, drawn, homes)}</script>'
            )
            stage += "".join(
                f'<template data-fold="{each.fold}" data-within="{each.within}">{text}</template>'
                for each, text in zip(opened, texts, strict=True)
            )
    listed = "".join(
        f'<li class="{each.severity}"><b>{escape(each.title)}</b>'
        + (f"\n{escape(each.text)}" if each.text else "")
        + "</li>"
        for each in notes
    )
    notes_list = f'<ul class="notes">{listed}</ul>' if listed else ""
    style, script = _text("view.css"), _text("view.js")
    return (
        f'<div class="gradfn"><style>{style}</style>{stage}{notes_list}</div>'
        f"<script>(() => {{{script}}})()</script>"
    )


def page(
    title: str,
    svg: bytes | None,
    notes: Sequence[Note],
    document: RunDocument | None = None,
    pictures: Pictures | None = None,
) -> str:
    """A file of its own, which needs neither a server nor a network."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">"
        f"<body>{fragment(svg, notes, document, pictures)}</body></html>\n"
    )


def frame(page: str) -> str:
    """A page within a page, for a notebook that runs no script of an output."""
    return (
        '<iframe title="Computation graph" sandbox="allow-scripts" srcdoc="'
        f'{escape(page)}" style="width:100%;height:640px;border:0"></iframe>'
    )


def _at(line: int | None, title: str) -> str:
    return title if line is None else f"Line {line}: {title}"


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
