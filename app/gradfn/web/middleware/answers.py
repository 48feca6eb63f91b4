"""Answers leave in pieces, each when the one before it was taken.

So what a client has not read yet stays in one place, not in the transport's buffer too, and what
the request was given (`hold`) is its until the answer is taken or the client is gone. A client that
takes nothing at all is cut off (`connections.py`).
"""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TypeVar

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

T = TypeVar("T")
PIECE_BYTES = 262_144


class Answers:
    """ASGI middleware: the answer in pieces; then gives back what the request holds."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_in_pieces(message: Message) -> None:
            body = message.get("body", b"")
            if len(body) <= PIECE_BYTES:
                await send(message)
                return
            for start in range(0, len(body), PIECE_BYTES):
                piece = body[start : start + PIECE_BYTES]
                await send({**message, "body": piece, "more_body": True})
            await send({**message, "body": b""})  # which waits until the last piece is taken

        if scope["method"] == "HEAD" and not scope["path"].startswith("/api/"):
            scope = {**scope, "method": "GET"}  # uvicorn leaves out the body
        async with AsyncExitStack() as held:
            scope.setdefault("state", {})["held"] = held
            await self.app(scope, receive, send_in_pieces)


async def hold(request: Request, what: AbstractAsyncContextManager[T]) -> T:
    """Enter it until the answer to the request is taken."""
    held: AsyncExitStack = request.state.held
    return await held.enter_async_context(what)
