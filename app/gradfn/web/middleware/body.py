"""A ceiling on the size of a request and on its time, kept before the body is in memory."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gradfn.web.problems import (
    BodyTooLarge,
    BodyTooSlow,
    Busy,
    RequestProblem,
    problem_response,
)

SECONDS = 30.0
DRAINED_BYTES = 2**24  # read and dropped, so that a client that only writes gets its answer
DRAIN_SECONDS = 5.0
RETRY_SECONDS = 2


class BodyLimit:
    """Middleware that answers 413 to a body of more than `most_bytes`, 408 to a slow one.

    Bodies that are in memory have `all_bytes` together; one for which there is no room is a 503.
    """

    def __init__(
        self, app: ASGIApp, most_bytes: int, all_bytes: int, seconds: float = SECONDS
    ) -> None:
        self.app, self.most_bytes, self.seconds = app, most_bytes, seconds
        self._free_bytes = all_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        deadline = asyncio.get_running_loop().time() + self.seconds
        received, arrived = 0, False

        async def counted_receive() -> Message:
            nonlocal received, arrived
            try:
                # Once it has arrived, the next message is that the client left.
                async with asyncio.timeout_at(None if arrived else deadline):
                    message = await receive()
            except TimeoutError:
                raise _Refused(
                    BodyTooSlow(f"A request may take {self.seconds:g} seconds to arrive.")
                ) from None
            size = len(message.get("body", b""))
            received += size
            self._free_bytes -= size
            arrived = not message.get("more_body", False)
            if received > self.most_bytes:
                raise _Refused(self._too_large())
            if self._free_bytes < 0:
                raise _Refused(Busy(RETRY_SECONDS))
            return message

        try:
            if _declared_length(headers) > self.most_bytes:
                raise _Refused(self._too_large())
            await self.app(scope, counted_receive, send)
        except _Refused as refused:
            problem = refused.problem
            if isinstance(problem, BodyTooLarge) and "expect" not in headers:
                await _drain(receive)
            response = problem_response(problem.status, problem.title, problem.detail)
            response.headers["Connection"] = "close"
            if problem.retry_seconds is not None:
                response.headers["Retry-After"] = str(problem.retry_seconds)
            await response(scope, receive, send)
        finally:
            self._free_bytes += received

    def _too_large(self) -> RequestProblem:
        return BodyTooLarge(f"A request may have {self.most_bytes:,} bytes at the most.")


class _Refused(BaseException):
    """Not an Exception: no handler further in may take it for its own."""

    def __init__(self, problem: RequestProblem) -> None:
        self.problem = problem


async def _drain(receive: Receive) -> None:
    drained, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while more and drained <= DRAINED_BYTES:
                message = await receive()
                drained += len(message.get("body", b""))
                more = message.get("more_body", False)


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and length.isascii() else 0
