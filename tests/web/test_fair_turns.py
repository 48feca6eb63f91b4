"""Other clients' programs keep nobody waiting, however many there are and whatever they do."""

import json
import select
import socket
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest

from tests.conftest import Served
from tests.pace import patience
from tests.processes import wait_until

Start = Callable[..., Served]
CLIENTS, PLACES = 20, 4


def figure(server: Served, name: str) -> float:
    """What the server tells Prometheus of itself."""
    lines = server.client.get("/metrics").text.splitlines()
    [line] = [line for line in lines if line.startswith(f"gradfn_{name} ")]
    return float(line.split()[-1])


def post(server: Served, code: str, client: str) -> socket.socket:
    """The program of a client, sent; who closes the connection ends the run."""
    body = json.dumps({"code": code}).encode()
    head = (
        f"POST /api/v1/graph HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {client}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    address = urlsplit(server.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=patience(60))
    connection.sendall(head.encode() + body)
    return connection


@pytest.fixture
def crowded(start_server: Start) -> Served:
    """A server with a few places for programs, that believes what a proxy says of its clients."""
    return start_server(
        GRADFN_TRUSTED_PROXIES="*",
        GRADFN_RUNNING_CHILDREN=str(PLACES),
        GRADFN_CLIENT_RUNNING_CHILDREN=str(PLACES - 1),
        GRADFN_BESIDE_CHILDREN=str(CLIENTS),
    )


def test_sleeping_programs_of_twenty_clients_keep_nobody_waiting(crowded: Served) -> None:
    with ExitStack() as connections:
        for nr in range(CLIENTS):
            sleeper = post(crowded, "import time\ntime.sleep(280)", f"10.0.0.{nr}")
            connections.enter_context(sleeper)
        wait_until(lambda: figure(crowded, "running_children") == CLIENTS)

        answer = crowded.client.post(
            "/api/v1/graph", json={"code": "6 * 7"}, headers={"X-Forwarded-For": "10.1.0.1"}
        )

        assert answer.json()["result"] == {"repr": "42"}
        assert figure(crowded, "running_children") == CLIENTS


def test_what_computes_is_not_run_beside_others_for_all_would_run_out_of_time(
    crowded: Served,
) -> None:
    with ExitStack() as connections:
        for nr in range(2 * PLACES):
            busy = post(crowded, "while True: pass", f"10.0.0.{nr}")
            connections.enter_context(busy)
        sleeper = post(crowded, "import time\ntime.sleep(280)", "10.0.1.1")
        connections.enter_context(sleeper)
        wait_until(lambda: figure(crowded, "waiting_runs") == PLACES + 1)

        assert figure(crowded, "running_children") == PLACES


def test_sleepers_that_need_too_much_memory_together_end_with_words(start_server: Start) -> None:
    server = start_server(
        GRADFN_TRUSTED_PROXIES="*",
        GRADFN_RUNNING_CHILDREN="1",
        GRADFN_CLIENT_RUNNING_CHILDREN="1",
        GRADFN_BESIDE_CHILDREN="4",
        GRADFN_BESIDE_MEMORY_MB="256",
    )
    large = "import time\nkept = b'x' * (200 * 2**20)\ntime.sleep(280)"
    with post(server, large, "10.0.0.1") as first, post(server, large, "10.0.0.2") as second:
        wait_until(lambda: figure(server, "running_children") == 2)  # one of them beside
        asked = server.client.post(  # and now the other, for somebody waits
            "/api/v1/graph", json={"code": "6 * 7"}, headers={"X-Forwarded-For": "10.1.0.1"}
        )
        assert asked.json()["result"] == {"repr": "42"}
        [ended], _, _ = select.select([first, second], [], [], patience(60))
        answer = HTTPResponse(ended)
        answer.begin()
        document = json.load(answer)

    assert document["error"]["kind"] == "limit"
    assert "Programs that sleep made room for others" in document["error"]["message"]
