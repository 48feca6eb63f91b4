"""`/api/v1/graph.svg`, `.dot` and `.png`: the drawn graph as an answer of its own."""

import base64
import binascii
import zlib
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from gradfn.events.reading import MEDIA_TYPES, Ran, Read
from gradfn.model.layout import Layout
from gradfn.web.kept_runs import KeptRuns
from gradfn.web.problems import PROBLEMS, BadQuery, Problem
from gradfn.web.reading import read_of
from gradfn.web.requests import LayoutRequest
from gradfn.web.running import read_kept

router = APIRouter(prefix="/api/v1", tags=["pictures"])

FormatName = Literal["svg", "png", "dot"]
NOT_DRAWN: dict[int | str, dict[str, Any]] = {
    **PROBLEMS,
    404: {"model": Problem, "description": "What the picture is to be of is not in the graph."},
    409: {"model": Problem, "description": "It would have more boxes than `boxes`."},
}
PICTURES: dict[int | str, dict[str, Any]] = {
    **NOT_DRAWN,
    200: {
        "description": "The drawn graph.",
        "content": {media_type: {} for media_type in MEDIA_TYPES.values()},
    },
}


@router.post("/graph.layout", response_model=Layout, responses=NOT_DRAWN)
async def post_layout(request: Request, body: LayoutRequest) -> Response:
    """Run a program and get where everything of its drawn graph is, as numbers.

    With `graph` of an earlier answer the program is not run again, as long as that graph is kept:
    so a fold is opened. The same `code` goes along, for when it is not.
    """
    kept: KeptRuns = request.app.state.kept_runs

    def read(ran: Ran) -> Read:
        again = ran is kept.find(body.graph, body.code)
        name = body.graph if again else kept.keep(ran)
        return read_of(ran, body, "layout", name=name, explain=False)

    _, layout = await read_kept(request, body, read)
    return Response(layout, media_type="application/json")


@router.post(
    "/graph.html",
    response_class=Response,
    responses={**NOT_DRAWN, 200: {"content": {"application/octet-stream": {}}}},
)
async def post_html(request: Request, body: LayoutRequest) -> Response:
    """Run a program and get one HTML file that shows its graph and plays its backward passes.

    It needs neither a server nor a network. It is saved and never shown as a page of ours.
    """

    def read(ran: Ran) -> Read:
        return read_of(ran, body, "picture", format="html")

    _, film = await read_kept(request, body, read)
    headers = {"Content-Disposition": 'attachment; filename="graph.html"'}
    return Response(film, media_type="application/octet-stream", headers=headers)


@router.post("/graph.{format}", response_class=Response, responses=PICTURES)
async def post_picture(request: Request, format: FormatName, body: LayoutRequest) -> Response:
    """Run a program and get its graph drawn; a program that raised draws what it built.

    A large graph is folded: `open`, `depth`, `around` and `paths` say what is seen of it.
    """

    def read(ran: Ran) -> Read:
        return read_of(ran, body, "picture", format=format, explain=False)

    _, picture = await read_kept(request, body, read)
    return Response(picture, media_type=MEDIA_TYPES[format])


@router.get("/graph.{format}", response_class=Response, responses=PICTURES)
async def get_picture(
    request: Request,
    format: FormatName,
    code: Annotated[str | None, Query(description="The program, url-encoded.")] = None,
    z: Annotated[str | None, Query(description="It as base64url of raw deflate.")] = None,
) -> Response:
    """The same for an `<img>`: the program is in the address."""
    if (code is None) == (z is None):
        raise BadQuery("Give the program as `code=` (url-encoded) or as `z=`, one of them.")
    most = request.app.state.pool.limits.source_bytes
    source = code if code is not None else _inflate(z or "", most)
    return await post_picture(request, format, LayoutRequest(code=source))


def _inflate(z: str, most_bytes: int) -> str:
    """The program in `z`, never more of it than one byte too many."""
    try:
        packed = base64.b64decode(z + "=" * (-len(z) % 4), altchars=b"-_", validate=True)
        inflating = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        source = inflating.decompress(packed, most_bytes + 1)
        if len(source) > most_bytes:  # perhaps cut inside a character; it is refused anyhow
            return source.decode(errors="replace")
        if not inflating.eof:
            raise zlib.error("cut short")
        return source.decode()
    except (binascii.Error, zlib.error, ValueError):
        raise BadQuery("`z` is not the base64url of a raw deflate of UTF-8 text.") from None
