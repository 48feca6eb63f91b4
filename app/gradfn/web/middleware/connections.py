"""Connections that must say what they want, and take it: uvicorn itself waits for ever for both."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
# For a piece of an answer (`answers.py`), so at 9 kB a second no answer is cut off.
WRITE_SECONDS = 30.0

MAX_HEAD_BYTES = 2**19  # a program in the address has up to three bytes for each of its own
_BODY = (
    b'{"type":"about:blank","title":"Request Header Fields Too Large","status":431,'
    b'"detail":"The head of a request may have 524,288 bytes at the most.","errors":[]}'
)
TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
    b"Content-Type: application/problem+json\r\nX-Content-Type-Options: nosniff\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)
)


class PunctualProtocol(HttpToolsProtocol):
    """Closes a connection when the head of a request does not come, or has no end, or an answer is
    not taken."""

    _cutting: asyncio.TimerHandle | None = None
    _is_head, _head_bytes = True, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._closing = self.loop.call_later(HEAD_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        if self._is_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self.transport.write(TOO_LARGE)
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_head, self._head_bytes = True, 0
        self._closing.cancel()  # else a second request on the same connection had none
        self._closing = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_headers_complete(self) -> None:
        self._is_head = False
        self._closing.cancel()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._cutting = self.loop.call_later(WRITE_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_cutting()
        super().resume_writing()

    def _stop_cutting(self) -> None:
        if self._cutting is not None:
            self._cutting.cancel()
            self._cutting = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing.cancel()
        self._stop_cutting()
        super().connection_lost(exc)
