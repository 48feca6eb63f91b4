"""The graph of a document drawn, in a thread and in bounded time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
from fastapi import Request

from gradfn.events.graph import MAX_FUNCTIONS
from gradfn.model.document import Picture, RunDocument
from gradfn.model.folding.select import NotInGraph
from gradfn.model.folding.view import TooManyBoxes
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


async def with_picture(
    request: Request, document: RunDocument, code: str, choice: Choice = DEFAULT
) -> RunDocument:
    """The document with its graph drawn as the page wants it: no legend, nothing behind."""
    kept: KeptGraphs = request.app.state.kept_graphs
    name, graph = kept.keep(document, code)
    page = {"legend": False, "background": "transparent"}
    try:
        svg = await draw_graph(request, graph, "svg", choice, **page)
    except RequestProblem as error:
        return replace(document, picture=Picture(svg=None, error=error.detail, graph=name))
    except ClientGone:
        raise
    except Exception:
        request.app.state.metrics.mistake("draw")
        return replace(document, picture=Picture(svg=None, error=MISTAKE, graph=name))
    return replace(document, picture=Picture(svg=svg.decode(), error=None, graph=name))


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
) -> bytes:
    """A `Layout` of the graph as JSON; NotDrawn when it cannot be laid out within the budget."""
    layouts: LayoutCache = request.app.state.layouts

    def work() -> bytes:
        drawn = choose(graph, choice)
        dot = write_dot(drawing_of(drawn), legend=False, background="transparent", rankdir="TB")
        laid_out = layouts.lay_out(dot, "json0")
        asked = choice.open or ()
        return msgspec.json.encode(placed(laid_out, drawn, graph.graph, key=name, asked=asked))

    return await _in_thread(request, work)


async def _in_thread(request: Request, work: Callable[[], bytes]) -> bytes:
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
