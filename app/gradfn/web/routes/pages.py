"""The pages a browser opens: the playground, one address for each example, not found, locked."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from gradfn.examples import EXAMPLES, Example
from gradfn.web.assets import GUIDE_ENTRY, address_of, assets
from gradfn.web.middleware.headers import DOCS_POLICY
from gradfn.web.places import TEMPLATES
from gradfn.web.routes.guide import CHAPTERS, PROGRAMS, Chapter

FIRST = "leaves"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_templates = Jinja2Templates(directory=TEMPLATES)


@router.get("/")
def home(request: Request) -> HTMLResponse:
    """The playground with the first example."""
    return _playground(request, _find(FIRST) or EXAMPLES[0])


@router.get("/examples/{slug}")
def example(request: Request, slug: str) -> HTMLResponse:
    """The playground with this example."""
    found = _find(slug)
    return _playground(request, found) if found else _not_found(request, slug)


@router.get("/guide")
def guide(request: Request) -> HTMLResponse:
    """The guide begins with its first chapter."""
    return _chapter(request, CHAPTERS[0])


@router.get("/guide/{slug}")
def chapter(request: Request, slug: str) -> HTMLResponse:
    """A chapter of the guide."""
    found = next((each for each in CHAPTERS if each.slug == slug), None)
    return _chapter(request, found) if found else _not_found(request, slug)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The API, operation by operation, from `/openapi.json`."""
    nonce = request.state.nonce
    page = _page(
        request,
        "docs.html",
        script=address_of("vendor/swagger-ui-bundle.js"),
        style=address_of("vendor/swagger-ui.css"),
    )
    page.headers["Content-Security-Policy"] = DOCS_POLICY.format(nonce=nonce)
    return page


def locked(request: Request, why: str) -> HTMLResponse:
    """What a browser shows that may not use a server without a jail."""
    return _page(request, "locked.html", status=403, why=why)


def _find(slug: str) -> Example | None:
    return next((example for example in EXAMPLES if example.slug == slug), None)


def _playground(request: Request, shown: Example) -> HTMLResponse:
    return _page(
        request,
        "playground.html",
        shown=shown,
        first=FIRST,
        unsafe=not request.app.state.layers.seccomp,
        examples=EXAMPLES,
        program={
            "first": FIRST,
            "shown": shown.slug,
            "examples": [asdict(example) for example in EXAMPLES],
        },
    )


def _chapter(request: Request, shown: Chapter) -> HTMLResponse:
    return _page(
        request,
        shown.template,
        chapter=shown,
        chapters=CHAPTERS,
        programs=PROGRAMS,
        script=address_of(GUIDE_ENTRY),
    )


def _not_found(request: Request, slug: str) -> HTMLResponse:
    return _page(request, "not_found.html", status=404, slug=slug, examples=EXAMPLES)


def _page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page asked for is made anew, with a nonce of its own; going back may show the kept one."""
    return _templates.TemplateResponse(
        request,
        template,
        {"assets": assets(), "nonce": request.state.nonce, **context},
        status_code=status,
        headers={"Cache-Control": "no-cache"},
    )
