"""Each request gets an id, a line in the log, and is counted."""

import re
import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("gradfn.access")

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
SERVER_ERROR = 500
# Requested every few seconds by monitoring: a line for each would hide the others.
QUIET = ("/healthz", "/readyz", "/metrics", "/static/")


class Access:
    """Middleware. A request's id is the client's own if it is sane, or else made here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if SANE.fullmatch(given) else secrets.token_hex(8)
        status = 0  # none: the client went away
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, send_with_id)
        except Exception:
            status = status or SERVER_ERROR
            raise
        finally:
            scope["app"].state.metrics.count_answer(status)
            _log_answer(scope, status, time.perf_counter() - started)


def _log_answer(scope: Scope, status: int, seconds: float) -> None:
    """Never the query, which may be a whole program, and the path as it was sent.

    Decoded it could send control characters to a terminal that shows the log.
    """
    is_quiet = scope["path"].startswith(QUIET) and status < SERVER_ERROR
    (log.debug if is_quiet else log.info)(
        "answered",
        method=scope["method"],
        path=scope["raw_path"].decode("ascii", "backslashreplace"),
        status=status,
        ms=round(seconds * 1e3, 1),
        client=(scope.get("client") or ("",))[0],
    )
