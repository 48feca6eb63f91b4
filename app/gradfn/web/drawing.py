"""The graph of a document drawn, in a thread."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Any

from fastapi import Request

from gradfn.model.document import Picture, RunDocument
from gradfn.render.formats import FORMATS, export_graph
from gradfn.render.layout import LayoutCache, RenderError


async def with_picture(request: Request, document: RunDocument) -> RunDocument:
    """The document with its graph drawn as the page wants it: no legend, nothing behind."""
    try:
        svg = await draw_graph(request, document, "svg", legend=False, background="transparent")
    except RenderError as error:
        return replace(document, picture=Picture(svg=None, error=str(error)))
    return replace(document, picture=Picture(svg=svg.decode(), error=None))


async def draw_graph(request: Request, document: RunDocument, format: str, **options: Any) -> bytes:
    """The graph in one of FORMATS; RenderError when it cannot be drawn within the budget."""
    layouts: LayoutCache = request.app.state.layouts
    export = partial(
        export_graph,
        document.graph,
        FORMATS[format],
        error=document.error,
        cuts=document.cuts,
        lay_out=layouts.lay_out,
        **options,
    )
    return await asyncio.get_running_loop().run_in_executor(
        request.app.state.layout_threads, export
    )
