"""The server as a whole: full, left alone, wrongly set, and at its end."""

import json
import signal
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Served
from tests.pace import patience
from tests.processes import children, fork_server_below, wait_until


def test_a_full_queue_is_a_503_that_says_when_to_come_back(
    start_server: Callable[..., Served],
) -> None:
    server = start_server(GRADFN_RUNNING_CHILDREN="1", GRADFN_WAITING_RUNS="1")
    ask = {"code": "import time\ntime.sleep(2)"}
    with ThreadPoolExecutor(6) as threads:
        answers = list(
            threads.map(lambda _: server.client.post("/api/v1/graph", json=ask), range(6))
        )
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 4
    for answer in refused:
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == "Too many programs at once"
    assert server.run("1 + 1")["result"] == {"repr": "2"}


def test_a_client_that_goes_away_ends_its_run(start_server: Callable[..., Served]) -> None:
    server = start_server(GRADFN_READY_CHILDREN="1")
    forks = fork_server_below(server.process.pid)
    address = urlsplit(server.url)
    body = json.dumps({"code": "while True: pass"})
    head = "POST /api/v1/graph HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    wait_until(lambda: len(children(forks)) == 2)  # one that waits for a program, and the spare
    before = children(forks)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        wait_until(lambda: children(forks) - before)
    wait_until(lambda: len(before - children(forks)) == 1 and len(children(forks)) == 2)
    assert server.run("1 + 1")["result"] == {"repr": "2"}


def test_sigterm_ends_the_server_and_all_its_processes(
    start_server: Callable[..., Served],
) -> None:
    server = start_server(GRADFN_DRAIN_SECONDS="600")
    forks = fork_server_below(server.process.pid)
    pids = {forks, *children(forks)}
    folder = Path(f"/proc/{forks}/environ").read_bytes().partition(b"TMPDIR=")[2].split(b"\0")[0]
    assert Path(folder.decode()).is_dir()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(timeout=patience(60))  # and not for 600 seconds
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert not Path(folder.decode()).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_end_of_the_server_leaves_a_run_behind(
    start_server: Callable[..., Served], number: signal.Signals
) -> None:
    server = start_server(GRADFN_WALL_SECONDS="60", GRADFN_CPU_SECONDS="60")
    forks = fork_server_below(server.process.pid)
    before = children(forks)
    folder = Path(f"/proc/{forks}/environ").read_bytes().partition(b"TMPDIR=")[2].split(b"\0")[0]
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(
            server.client.post, "/api/v1/graph", json={"code": "while True: pass"}
        )
        wait_until(lambda: children(forks) - before)
        pids = {forks, *children(forks)}
        server.process.send_signal(number)
        server.process.wait(timeout=patience(60))
        assert asked.exception() is not None or asked.result().status_code >= 400
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    wait_until(lambda: not Path(folder.decode()).exists())
