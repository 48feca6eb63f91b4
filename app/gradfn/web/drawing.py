"""The graph of a document drawn, in a thread and in bounded time."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

from fastapi import Request

from gradfn.events.graph import MAX_FUNCTIONS
from gradfn.model.document import Picture, RunDocument
from gradfn.model.folding.select import NotInGraph
from gradfn.model.folding.view import TooManyBoxes
from gradfn.model.layout import Layout
from gradfn.render.choice import Choice, Foldable, choose
from gradfn.render.dot import write_dot
from gradfn.render.folded import drawing_of
from gradfn.render.formats import FORMATS, export_drawing
from gradfn.render.layout import GraphTooLarge, LayoutCache, RenderError
from gradfn.render.placed import placed
from gradfn.web.clients import client_of
from gradfn.web.kept_graphs import KeptGraphs
from gradfn.web.problems import (
    ClientGone,
    NotDrawn,
    NotInThisGraph,
    RequestProblem,
    TooManyToDraw,
)
from gradfn.web.requests import LayoutRequest
from gradfn.web.running import admit, run_for, while_connected
from gradfn.web.work import TookTooLong, Workers

T = TypeVar("T")
PictureForm = Literal["svg", "layout"]

DEFAULT = Choice()
DRAW_SECONDS = 3.0  # of a processor in this process; Graphviz has a time of its own
MISTAKE = "A mistake of ours ended the drawing; it was logged."


async def find_graph(request: Request, body: LayoutRequest) -> tuple[str | None, Foldable]:
    """The graph that is asked about, and the name that it is kept by; it runs if it has to."""
    kept: KeptGraphs = request.app.state.kept_graphs
    graph = kept.find(body.graph, body.code)
    if graph is not None:
        await admit(request)  # it counts like a run
        return body.graph, graph
    return kept.keep(await run_for(request, body, explain=False), body.code)


def forms_of(*, picture: bool, layout: bool) -> tuple[PictureForm, ...]:
    """What a document is asked to have of its drawn graph."""
    asked: dict[PictureForm, bool] = {"svg": picture, "layout": layout}
    return tuple(form for form, wanted in asked.items() if wanted)


async def with_picture(
    request: Request,
    document: RunDocument,
    code: str,
    forms: Sequence[PictureForm],
    choice: Choice = DEFAULT,
) -> RunDocument:
    """The document with its graph drawn as the page wants it: no legend, nothing behind."""
    kept: KeptGraphs = request.app.state.kept_graphs
    name, graph = kept.keep(document, code)
    svg: str | None = None
    layout: Layout | None = None
    error: str | None = None
    try:
        if "svg" in forms:
            page = {"legend": False, "background": "transparent"}
            svg = (await draw_graph(request, graph, "svg", choice, **page)).decode()
        if "layout" in forms:
            layout = await lay_out_graph(request, graph, choice, name)
    except RequestProblem as problem:
        error = problem.detail
    except ClientGone:
        raise
    except Exception:
        request.app.state.metrics.mistake("draw")
        error = MISTAKE
    return replace(document, picture=Picture(svg=svg, error=error, graph=name, layout=layout))


async def draw_graph(
    request: Request, graph: Foldable, format: str, choice: Choice, **style: Any
) -> bytes:
    """The graph in one of FORMATS; NotDrawn when it cannot be drawn within the budget."""
    layouts: LayoutCache = request.app.state.layouts
    if choice.fold is False and not FORMATS[format].limited:
        choice = replace(choice, boxes=MAX_FUNCTIONS)

    def work() -> bytes:
        drawing = drawing_of(choose(graph, choice))
        return export_drawing(drawing, FORMATS[format], lay_out=layouts.lay_out, **style)

    return await _in_thread(request, work)


async def lay_out_graph(
    request: Request, graph: Foldable, choice: Choice, name: str | None
) -> Layout:
    """Where everything of the graph is; NotDrawn when it cannot be laid out within the budget."""
    layouts: LayoutCache = request.app.state.layouts

    def work() -> Layout:
        drawn = choose(graph, choice)
        dot = write_dot(drawing_of(drawn), legend=False, background="transparent", rankdir="TB")
        laid_out = layouts.lay_out(dot, "json0")
        asked = choice.open or ()
        return placed(laid_out, drawn, graph.graph, key=name, asked=asked)

    return await _in_thread(request, work)


async def _in_thread(request: Request, work: Callable[[], T]) -> T:
    drawers: Workers = request.app.state.drawers
    try:
        return await while_connected(request, drawers.do(work, client_of(request)))
    except TookTooLong:
        reason = f"Drawing the graph took longer than {drawers.seconds:g} s and was stopped."
        raise NotDrawn(reason) from None
    except NotInGraph as error:
        raise NotInThisGraph(str(error)) from None
    except (TooManyBoxes, GraphTooLarge) as error:
        raise TooManyToDraw(str(error)) from None
    except RenderError as error:
        raise NotDrawn(str(error)) from None
