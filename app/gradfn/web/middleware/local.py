"""The lock of a server without a jail: it answers one browser of this machine, and only our pages.

Any page that this browser shows can send requests to 127.0.0.1. So a request must know the token
that was printed at the start, name a loopback host (else another site's name may have been
pointed here), and come from no page but our own.
"""

import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gradfn.run.layers import LOOPBACK
from gradfn.web.assets import MOUNT
from gradfn.web.problems import NotForOthers, problem_response
from gradfn.web.templates import render_page

# They take no program and show nothing of one.
WITHOUT_TOKEN = ("/healthz", "/readyz", "/metrics")
OWN_SITES = ("same-origin", "none")  # `none`: typed, or clicked outside the browser


class LocalOnly:
    """ASGI middleware: what does not belong to this server's own user is a 403."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        cookie = f"gradfn-{request.scope['server'][1]}"  # browsers give all ports the same cookies
        answer: Response | None = None
        if foreign := _foreign(request):
            answer = _refuse(request, foreign)
        elif request.url.path == "/" and self._is_token(request.query_params.get("token")):
            answer = RedirectResponse("/", 303)  # so that the address can be shown to others
            answer.set_cookie(cookie, self._token, httponly=True, samesite="strict")
        elif not (_is_open(request.url.path) or self._is_known(request, cookie)):
            answer = _refuse(request, "Open the address that gradfn printed at its start.")
        await (answer or self.app)(scope, receive, send)

    def _is_known(self, request: Request, cookie: str) -> bool:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return self._is_token(request.cookies.get(cookie)) or (
            scheme.lower() == "bearer" and self._is_token(given)
        )

    def _is_token(self, given: str | None) -> bool:
        return given is not None and secrets.compare_digest(given.encode(), self._token.encode())


def _foreign(request: Request) -> str | None:
    """Why it is no request of this machine's user, if it is none."""
    host = request.headers.get("host", "")
    if _name_of(host) not in LOOPBACK:
        return "This server has no jail and answers to no name but 127.0.0.1 and localhost."
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "none")
    if origin not in (None, f"{request.url.scheme}://{host}") or site not in OWN_SITES:
        return "This server has no jail and answers no other page."
    return None


def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_open(path: str) -> bool:
    return path in WITHOUT_TOKEN or path.startswith(f"{MOUNT}/")


def _refuse(request: Request, why: str) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return render_page(request, "locked.html", status=403, why=why)
    how = f"{why} A program of yours sends the token as `Authorization: Bearer …`."
    return problem_response(NotForOthers.status, NotForOthers.title, how)
