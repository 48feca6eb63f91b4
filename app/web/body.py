"""A ceiling on the size of a request, kept before the body is in memory."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.problems import BodyTooLarge, problem_response

DRAINED_BYTES = 2**24  # read and dropped, so that a client that only writes gets its answer


class BodyLimit:
    """Middleware that answers 413 to a body of more than `most_bytes`."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self.app, self.most_bytes = app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.most_bytes:
                raise _TooLarge
            return message

        try:
            if _declared_length(scope) > self.most_bytes:
                raise _TooLarge
            await self.app(scope, counted_receive, send)
        except _TooLarge:
            await _drain(receive)
            detail = f"A request may have {self.most_bytes:,} bytes at the most."
            response = problem_response(BodyTooLarge.status, BodyTooLarge.title, detail)
            response.headers["Connection"] = "close"
            await response(scope, receive, send)


class _TooLarge(BaseException):
    """Not an Exception: no handler further in may take it for its own."""


async def _drain(receive: Receive) -> None:
    drained, more = 0, True
    while more and drained <= DRAINED_BYTES:
        message = await receive()
        drained += len(message.get("body", b""))
        more = message.get("more_body", False)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
