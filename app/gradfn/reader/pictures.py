"""The graph of a document drawn, in bounded time; Graphviz has a time of its own."""

from dataclasses import replace

from gradfn.events.graph import MAX_FUNCTIONS
from gradfn.events.reading import Problem, Read
from gradfn.model.document import Picture, RunDocument
from gradfn.model.folding.select import NotInGraph
from gradfn.model.folding.view import TooManyBoxes
from gradfn.model.layout import Layout
from gradfn.reader.documents import OURS
from gradfn.reader.trouble import TookTooLong, Trouble, at_most
from gradfn.render.choice import Foldable, choose
from gradfn.render.dot import write_dot
from gradfn.render.drawing import Drawing
from gradfn.render.folded import drawing_of
from gradfn.render.formats import FORMATS, LayOut, export_drawing
from gradfn.render.html.opened import pictures_of
from gradfn.render.html.page import notes_of, page
from gradfn.render.layout import GraphTooLarge, RenderError
from gradfn.render.placed import placed
from gradfn.render.styles import CANVAS

DRAW_SECONDS = 3.0  # of a processor
NOT_DRAWN = (TookTooLong, RenderError, NotInGraph, TooManyBoxes)


def draw_graph(
    read: Read, graph: Foldable, format: str, lay_out: LayOut, *, on_page: bool = False
) -> bytes:
    """The graph in one of FORMATS, for the page without legend and background; NOT_DRAWN."""
    choice = read.choice
    if choice.fold is False and not FORMATS[format].limited:
        choice = replace(choice, boxes=MAX_FUNCTIONS)
    background = "transparent" if on_page else CANVAS
    with at_most(DRAW_SECONDS):
        drawing = drawing_of(choose(graph, choice))
        return export_drawing(
            drawing, FORMATS[format], lay_out=lay_out, legend=not on_page, background=background
        )


def draw_film(read: Read, document: RunDocument, lay_out: LayOut) -> bytes:
    """A run as one HTML file that plays without a server; NOT_DRAWN."""

    def export(drawing: Drawing) -> bytes:
        return export_drawing(drawing, FORMATS["svg"], lay_out=lay_out)

    with at_most(DRAW_SECONDS):
        pictures = pictures_of(foldable(read, document), read.choice, export, NOT_DRAWN)
    with at_most(DRAW_SECONDS):
        return page("gradfn", None, notes_of(document), document, pictures).encode()


def lay_out_graph(read: Read, graph: Foldable, lay_out: LayOut) -> Layout:
    """Where everything of the graph is; NOT_DRAWN."""
    with at_most(DRAW_SECONDS):
        drawn = choose(graph, read.choice)
        dot = write_dot(drawing_of(drawn), legend=False, background="transparent", rankdir="TB")
        laid_out = lay_out(dot, "json0")
        asked = read.choice.open or ()
        return placed(laid_out, drawn, graph.graph, key=read.name, asked=asked)


def with_picture(
    read: Read, document: RunDocument, lay_out: LayOut, trouble: Trouble
) -> RunDocument:
    """The document with its graph drawn as it is asked for, or why it is not drawn."""
    graph = foldable(read, document)
    svg: str | None = None
    layout: Layout | None = None
    error: str | None = None
    try:
        if "svg" in read.forms:
            svg = draw_graph(read, graph, "svg", lay_out, on_page=True).decode()
        if "layout" in read.forms:
            layout = lay_out_graph(read, graph, lay_out)
    except NOT_DRAWN as problem:
        _, error = problem_of(problem, trouble)
    except Exception:
        trouble.mistake("draw")
        error = f"{OURS} ended the drawing; it was logged."
    picture = Picture(svg=svg, error=error, graph=read.name, layout=layout)
    return replace(document, picture=picture)


def foldable(read: Read, document: RunDocument) -> Foldable:
    """The graph with all that its drawing needs."""
    return Foldable(document.graph, read.code, document.error, document.cuts)


def problem_of(error: BaseException, trouble: Trouble) -> tuple[Problem, str]:
    """One of NOT_DRAWN as a problem of the request."""
    match error:
        case TookTooLong():
            trouble.limit()
            took = f"Drawing the graph took longer than {DRAW_SECONDS:g} s and was stopped."
            return "not drawn", took
        case NotInGraph():
            return "not in the graph", str(error)
        case TooManyBoxes() | GraphTooLarge():
            return "too many", str(error)
        case _:
            return "not drawn", str(error)
