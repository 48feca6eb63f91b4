"""The pages a browser opens: the playground, one address for each example, the guide, the API."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse

from gradfn.examples import EXAMPLE_OF, EXAMPLES, Example
from gradfn.pytorch.documentation import documentation
from gradfn.pytorch.members import members
from gradfn.web.assets import address_of
from gradfn.web.middleware.headers import DOCS_POLICY
from gradfn.web.routes.guide import CHAPTERS, PROGRAMS, Chapter
from gradfn.web.templates import render_page

FIRST = "leaves"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """The playground with the first example."""
    return playground(request, EXAMPLE_OF[FIRST])


@router.get("/examples/{slug}")
def example(request: Request, slug: str) -> HTMLResponse:
    """The playground with this example."""
    found = EXAMPLE_OF.get(slug)
    return playground(request, found) if found else not_found(request, slug)


@router.get("/completions.json")
def completions() -> JSONResponse:
    """What the modules of torch hold, for the editor. It is of the torch that is installed."""
    return JSONResponse(members(), headers={"Cache-Control": "public, max-age=3600"})


@router.get("/documentation/{path}")
def documented(path: Annotated[str, Path(max_length=100)]) -> JSONResponse:
    """A signature and a sentence for `torch.nn.Linear`; null where none is known."""
    found = documentation(path)
    return JSONResponse(found and asdict(found), headers={"Cache-Control": "public, max-age=3600"})


@router.get("/guide")
def guide(request: Request) -> HTMLResponse:
    """The guide begins with its first chapter."""
    return _chapter(request, CHAPTERS[0])


@router.get("/guide/{slug}")
def chapter(request: Request, slug: str) -> HTMLResponse:
    """A chapter of the guide."""
    found = next((each for each in CHAPTERS if each.slug == slug), None)
    return _chapter(request, found) if found else not_found(request, slug)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The API, operation by operation, from `/openapi.json`."""
    nonce = request.state.nonce
    page = render_page(
        request,
        "docs.html",
        script=address_of("vendor/swagger-ui-bundle.js"),
        style=address_of("vendor/swagger-ui.css"),
    )
    page.headers["Content-Security-Policy"] = DOCS_POLICY.format(nonce=nonce)
    return page


def playground(request: Request, shown: Example, *, embedded: bool = False) -> HTMLResponse:
    """The page with an example; `embedded` without what stands around editor and graph."""
    return render_page(
        request,
        "playground.html",
        shown=shown,
        first=FIRST,
        embedded=embedded,
        presented="present" in request.query_params,
        unsafe=not request.app.state.layers.seccomp,
        examples=EXAMPLES,
        program={
            "first": FIRST,
            "shown": shown.slug,
            "examples": [asdict(example) for example in EXAMPLES],
        },
    )


def _chapter(request: Request, shown: Chapter) -> HTMLResponse:
    return render_page(
        request,
        shown.template,
        chapter=shown,
        chapters=CHAPTERS,
        programs=PROGRAMS,
    )


def not_found(request: Request, slug: str) -> HTMLResponse:
    """There is no such page."""
    return render_page(request, "not_found.html", status=404, slug=slug, examples=EXAMPLES)
