"""A drawing with the places that Graphviz gave it: numbers, for whoever draws it themselves."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from gradfn.model.document import Graph
from gradfn.model.folding.parts import Part
from gradfn.model.layout import (
    Layout,
    PlacedBox,
    PlacedEdge,
    PlacedFold,
    PlacedFrame,
    Point,
)
from gradfn.render.drawing import Drawing
from gradfn.render.folded import FoldedDrawing, drawing_of
from gradfn.render.quote import lines_of

MAX_LISTED = 10_000  # functions that are listed with the boxes that they are in


def placed(
    laid_out: bytes,
    drawn: Drawing | FoldedDrawing,
    graph: Graph,
    *,
    key: str | None = None,
    asked: Sequence[str] = (),
) -> Layout:
    """What Graphviz's `json0` says of a drawing, beside what the drawing knows."""
    folded = drawn if isinstance(drawn, FoldedDrawing) else None
    drawing = drawing_of(drawn)
    found = json.loads(laid_out)
    left, bottom, right, top = _numbers(found["bb"])
    places = {each["name"]: each for each in found.get("objects", ())}
    opened = tuple(frame.id for frame in drawing.frames)
    return Layout(
        "gradfn/layout/1",
        key,
        folded is not None,
        len(graph.functions),
        right - left,
        top - bottom,
        tuple(_boxes(drawing, folded, graph, places, top)),
        tuple(_frames(drawing, folded, places, top)) if folded else (),
        tuple(_edges(drawing, found, top)),
        opened,
        tuple(id for id in dict.fromkeys(asked) if id not in opened),
    )


def _boxes(
    drawing: Drawing,
    folded: FoldedDrawing | None,
    graph: Graph,
    places: dict[str, Any],
    top: float,
) -> Iterator[PlacedBox]:
    functions = {function.id for function in graph.functions}
    few = len(functions) <= MAX_LISTED
    for nr, node in enumerate(drawing.nodes):
        place = places[node.id]
        x, y = _numbers(place["pos"])
        box = folded.view.boxes[nr] if folded and nr < len(folded.view.boxes) else None
        if box is None:
            mine = (*((node.id,) if node.id in functions else ()), *node.holds)
        else:
            mine = (*(graph.functions[at].id for at in box.functions),) if few else ()
        yield PlacedBox(
            node.id,
            node.kind,
            tuple(lines_of(node.rows)),
            x,
            round(top - y, 3),
            round(72 * float(place["width"]), 2),
            round(72 * float(place["height"]), 2),
            drawing.frames[node.frame].id if node.frame is not None else None,
            len(box.functions) if box else len(mine),
            mine if few else None,
            folded.inside[nr] if folded and box else None,
            _fold(box.part, can_open=box.can_open) if box and box.part and box.can_open else None,
        )


def _frames(
    drawing: Drawing, folded: FoldedDrawing, places: dict[str, Any], top: float
) -> Iterator[PlacedFrame]:
    for nr, frame in enumerate(drawing.frames):
        place = places.get(f"cluster_{frame.id}")
        if place is None or "bb" not in place:
            continue  # an empty one
        left, low, right, high = _numbers(place["bb"])
        yield PlacedFrame(
            frame.id,
            frame.title,
            left,
            round(top - high, 3),
            round(right - left, 3),
            round(high - low, 3),
            drawing.frames[frame.frame].id if frame.frame is not None else None,
            folded.inside_frames[nr],
            _fold(folded.view.frames[nr].part, can_open=True),
        )


def _fold(part: Part, *, can_open: bool) -> PlacedFold:
    return PlacedFold(
        part.id,
        part.path,
        part.kind,
        part.name,
        can_open,
        part.times,
        part.each,
        part.fold.loop if part.fold is not None else "",
    )


def _edges(drawing: Drawing, found: dict[str, Any], top: float) -> Iterator[PlacedEdge]:
    places = {each.get("id"): each for each in found.get("edges", ())}
    for edge in drawing.edges:
        place = places.get(edge.id)
        if place is None:
            continue
        tip, points = _path(place["pos"], top)
        label = place.get("lp")
        at = _numbers(label) if label else None
        yield PlacedEdge(
            edge.id,
            edge.tail,
            edge.head,
            edge.label,
            (at[0], round(top - at[1], 3)) if at else None,
            edge.carried,
            points,
            tip,
        )


def _path(text: str, top: float) -> tuple[Point | None, tuple[Point, ...]]:
    """`e,x,y x,y x,y …`: where the head ends, then a start and three points for each curve."""
    tip, points = None, []
    for each in text.split():
        parts = each.split(",")
        x, y = float(parts[-2]), float(parts[-1])
        point = x, round(top - y, 3)
        if parts[0] == "e":
            tip = point
        elif parts[0] != "s":
            points.append(point)
    return tip, tuple(points)


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(each) for each in text.split(","))
