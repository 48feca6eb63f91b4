"""The formats a graph can be had in: one entry each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradfn.events.reading import MAX_ELEMENTS, LayoutFormat
from gradfn.model.document import Error, Graph
from gradfn.model.recording import Cut
from gradfn.render.dot import Rankdir, write_dot
from gradfn.render.drawing import Drawing, draw
from gradfn.render.layout import GraphTooLarge, lay_out
from gradfn.render.styles import CANVAS

LayOut = Callable[[str, LayoutFormat], bytes]  # `lay_out`, or that of a reader


@dataclass(frozen=True, slots=True)
class Format:
    """How DOT becomes it. Without a limit where nothing is laid out."""

    encode: Callable[[str, LayOut], bytes]
    limited: bool = True


FORMATS: dict[str, Format] = {
    "svg": Format(lambda dot, lay_out: lay_out(dot, "svg")),
    "png": Format(lambda dot, lay_out: lay_out(dot, "png")),
    "dot": Format(lambda dot, _: dot.encode(), limited=False),
}


def export_graph(
    graph: Graph,
    format: Format,
    *,
    error: Error | None = None,
    cuts: Sequence[Cut] = (),
    lay_out: LayOut = lay_out,
    max_elements: int = MAX_ELEMENTS,
    legend: bool = True,
    background: str = CANVAS,
    rankdir: Rankdir = "TB",
) -> bytes:
    """The graph in a format, with cuts and the error at their places; raises RenderError."""
    if format.limited and len(graph.functions) > max_elements:
        raise GraphTooLarge(len(graph.functions), max_elements)  # a million are not even drawn
    drawing = draw(graph, error, cuts)
    if format.limited and len(drawing.nodes) > max_elements:
        raise GraphTooLarge(len(drawing.nodes), max_elements)
    return export_drawing(
        drawing, format, lay_out=lay_out, legend=legend, background=background, rankdir=rankdir
    )


def export_drawing(
    drawing: Drawing,
    format: Format,
    *,
    lay_out: LayOut = lay_out,
    legend: bool = True,
    background: str = CANVAS,
    rankdir: Rankdir = "TB",
) -> bytes:
    """A drawing in a format; raises RenderError."""
    dot = write_dot(drawing, legend=legend, background=background, rankdir=rankdir)
    return format.encode(dot, lay_out)
