"""A folded graph with each of its folds open, for a file that has no server to ask."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic

from gradfn.events.reading import Choice
from gradfn.model.folding.view import TooManyBoxes, View
from gradfn.render.choice import Foldable, choose
from gradfn.render.drawing import Drawing
from gradfn.render.folded import FoldedDrawing, draw_folded, drawing_of
from gradfn.render.layout import RenderError

MAX_OPENED = 24  # pictures beside the first
MAX_BYTES = 2 * 2**20  # of all pictures
SECONDS = 6.0  # for all but the first; then the other folds stay closed


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture in which a fold is open. It is closed in that of `within`; "" is the first."""

    fold: str
    within: str
    svg: bytes


@dataclass(slots=True)
class Pictures:
    """The first picture, those that its folds open into, and the folds that each function is in.

    The folds nearest to the whole come first; where there are too many, the others stay closed.
    """

    first: bytes
    opened: list[Opened] = field(default_factory=list)
    homes: dict[str, list[str]] = field(default_factory=dict)


def pictures_of(
    of: Foldable,
    choice: Choice,
    export: Callable[[Drawing], bytes],
    stops: tuple[type[BaseException], ...] = (),
) -> Pictures:
    """All pictures, each made by `export`, which may raise for the first as `choose` does.

    Where it raises RenderError or one of `stops` for another, there are no more.
    """
    if choice.is_part:
        of = of.part(choice)
    drawn = choose(of, choice)
    pictures = Pictures(export(drawing_of(drawn)))
    if not isinstance(drawn, FoldedDrawing):
        return pictures
    _note_homes(pictures, of, drawn.view)
    room = MAX_BYTES - len(pictures.first)
    base = frozenset(drawn.view.opened)
    waiting = deque((fold, base, "") for fold in _folds(drawn.view))
    seen = set(_folds(drawn.view))
    stopping: tuple[type[BaseException], ...] = (RenderError, *stops)
    deadline = monotonic() + SECONDS
    while waiting and len(pictures.opened) < MAX_OPENED and monotonic() < deadline:
        fold, opened, within = waiting.popleft()
        opened |= {fold}
        try:
            view = of.folding.view(opened, most=choice.boxes)
        except TooManyBoxes:
            continue
        try:
            svg = export(drawing_of(draw_folded(of.graph, of.folding, view, of.error)))
        except stopping:
            break
        room -= len(svg)
        if room < 0:
            break
        pictures.opened.append(Opened(fold, within, svg))
        _note_homes(pictures, of, view)
        for inner in _folds(view):
            if inner not in seen:
                seen.add(inner)
                waiting.append((inner, opened, fold))
    return pictures


def _folds(view: View) -> Iterator[str]:
    return (box.id for box in view.boxes if box.can_open and box.part is not None)


def _note_homes(pictures: Pictures, of: Foldable, view: View) -> None:
    for box in view.boxes:
        for position in box.functions:
            homes = pictures.homes.setdefault(of.graph.functions[position].id, [])
            if box.id not in homes:
                homes.append(box.id)
