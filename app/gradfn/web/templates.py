"""Pages made of the templates."""

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from gradfn.web.assets import assets
from gradfn.web.places import TEMPLATES

_templates = Jinja2Templates(directory=TEMPLATES)


def render_page(
    request: Request, template: str, *, status: int = 200, **context: object
) -> HTMLResponse:
    """A page with a nonce of its own, not to be reused; going back may show the kept one."""
    return _templates.TemplateResponse(
        request,
        template,
        {"assets": assets(), "nonce": request.state.nonce, **context},
        status_code=status,
        headers={"Cache-Control": "no-cache"},
    )
