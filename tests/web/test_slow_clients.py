"""A client that takes its answers slowly, or never, costs the server little and not for long."""

import asyncio
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from uvicorn.server import ServerState

from gradfn.web.middleware import connections
from gradfn.web.middleware.answers import PIECE_BYTES, Answers
from tests.conftest import Serve, Served
from tests.live.streams import start
from tests.processes import wait_until

FOREVER = "import time\nwhile True: time.sleep(0.01)"


async def test_an_answer_leaves_in_pieces_and_what_it_holds_is_given_back_after_the_last() -> None:
    waiting, taken, given_back = asyncio.Event(), asyncio.Event(), asyncio.Event()
    sent: list[Message] = []
    body = bytes(range(256)) * 4_096

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["held"].callback(given_back.set)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    async def send(message: Message) -> None:
        if len(sent) == 2:  # the client takes the head and a piece, and nothing for a while
            waiting.set()
            await taken.wait()
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "path": "/"}
    answering = asyncio.create_task(Answers(app)(scope, receive, send))
    await waiting.wait()
    assert not given_back.is_set()
    taken.set()
    await answering

    assert given_back.is_set()
    assert b"".join(message["body"] for message in sent[1:]) == body
    assert max(len(message["body"]) for message in sent[1:]) <= PIECE_BYTES
    assert [message.get("more_body", False) for message in sent[1:]] == [True] * 4 + [False]


async def test_a_connection_whose_client_takes_nothing_is_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "WRITE_SECONDS", 0.2)
    cut = asyncio.Event()

    class Protocol(connections.PunctualProtocol):
        def connection_lost(self, exc: Exception | None) -> None:
            cut.set()
            super().connection_lost(exc)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": bytes(2**26)})

    config: Any = uvicorn.Config(app, log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    served = await loop.create_server(lambda: Protocol(config, state, {}), "127.0.0.1", 0)
    _reader, writer = await asyncio.open_connection(*served.sockets[0].getsockname(), limit=1)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    await asyncio.wait_for(cut.wait(), 30)  # nobody reads

    writer.close()
    served.close()


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nX: ", b"GET /?code=", b"X"])
def test_a_head_without_an_end_is_refused(server: Served, start: bytes) -> None:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        with suppress(OSError):  # it is closed before all is sent
            connection.sendall(start + b"a" * 2**20)
        with suppress(OSError):
            answer = connection.makefile("rb").read()
            assert answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 ")) or not answer
    assert server.run("6 * 7")["result"]["repr"] == "42"


def test_one_client_watches_so_many_live_runs_and_no_more(serve: Serve) -> None:
    with serve(GRADFN_CLIENT_WATCHERS="2") as served:
        run = start(served.client, FOREVER)
        with run.watched(), run.watched():
            answer = served.client.get(f"{run.address}/events")
            assert answer.status_code == answer.json()["status"] == 429
            assert "Retry-After" in answer.headers
        wait_until(lambda: "gradfn_watchers 0.0" in served.client.get("/metrics").text)
        with run.watched() as events:
            assert next(events).name == "started"
            run.order("stop")


@pytest.mark.parametrize("type", ["lifespan", "websocket"])
async def test_what_is_no_request_goes_through_as_it_is(type: str) -> None:
    passed: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope)

    async def nothing(*_: Any) -> Any:
        raise AssertionError("nobody reads or writes")

    await Answers(app)({"type": type}, nothing, nothing)

    assert passed == [{"type": type}]
