"""The playground in pages of others: a page for a frame, and what it is by oEmbed."""

from html import escape
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from gradfn.examples import EXAMPLE_OF
from gradfn.web.middleware.headers import EMBED_POLICY
from gradfn.web.problems import NoSuchPage, NotAnswered, Problem
from gradfn.web.routes.pages import FIRST, not_found, playground

WIDTH, HEIGHT = 800, 520  # pixels of a frame, if its page does not say how much room there is
MAX_URL = 60_000  # characters: a link holds a program

router = APIRouter()
Pixels = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/embed", include_in_schema=False, response_class=HTMLResponse)
@router.get("/embed/{slug}", include_in_schema=False, response_class=HTMLResponse)
def embed(request: Request, slug: str = FIRST) -> HTMLResponse:
    """The playground for a frame in a page of others; never where programs run without a jail."""
    found = EXAMPLE_OF.get(slug)
    if found is None or not request.app.state.layers.seccomp:
        return not_found(request, slug)
    page = playground(request, found, embedded=True)
    page.headers["Content-Security-Policy"] = EMBED_POLICY.format(
        nonce=request.state.nonce, origins=request.app.state.embed_origins or "'none'"
    )
    return page


class Embedded(BaseModel):
    """An answer of oEmbed 1.0, https://oembed.com."""

    version: Literal["1.0"] = "1.0"
    type: Literal["rich"] = "rich"
    provider_name: Literal["gradfn"] = "gradfn"
    provider_url: str
    title: str
    html: str
    width: int
    height: int


@router.get(
    "/oembed",
    summary="Describe a page of this server for a page that embeds it",
    responses={status: {"model": Problem} for status in (404, 422, 501)},
)
def oembed(
    request: Request,
    url: Annotated[str, Query(max_length=MAX_URL)],
    maxwidth: Pixels = WIDTH,
    maxheight: Pixels = HEIGHT,
    format: str = "json",
) -> Embedded:
    """The frame for the address of the playground, of an example, or of a link with a program."""
    if format != "json":
        raise NotAnswered("Answers of oEmbed are JSON here.")
    base = str(request.base_url)
    path, mark, program = url.removeprefix(base).partition("#")
    slug = path.removeprefix("examples/").removeprefix("embed").strip("/") or FIRST
    found = EXAMPLE_OF.get(slug)
    if not url.startswith(base) or found is None or not request.app.state.embed_origins:
        raise NoSuchPage(f"{url[:200]!r} is no page of this server that can be embedded.")
    title = "A program in gradfn" if program else f"{found.title} · gradfn"
    width, height = min(maxwidth, WIDTH), min(maxheight, HEIGHT)
    address = escape(f"{base}embed/{slug}{mark}{program}", quote=True)
    html = (
        f'<iframe src="{address}" width="{width}" height="{height}" '
        f'title="{escape(title, quote=True)}" loading="lazy" style="border:0"></iframe>'
    )
    return Embedded(provider_url=base, title=title, html=html, width=width, height=height)
