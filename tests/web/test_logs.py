"""What is logged: one JSON object a line, with the ids of request and run, and no program."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Serve, Served
from tests.live.streams import Run, until


class Logged:
    """A server, and what it has logged so far."""

    def __init__(self, server: Served, path: Path) -> None:
        self.server, self.path = server, path

    def lines(self) -> list[dict[str, Any]]:
        """Every line; a server writes one before it ends an answer's last byte or just after."""
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def of(self, request_id: str, message: str) -> dict[str, Any]:
        """The one line of this request that says this."""
        while not (
            found := [
                line
                for line in self.lines()
                if line.get("request_id") == request_id and line["message"] == message
            ]
        ):
            pass
        [line] = found
        return line


@pytest.fixture(scope="module")
def logged(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logged]:
    """A server that logs for machines."""
    path = tmp_path_factory.mktemp("log") / "log"
    with path.open("w") as stderr, serve(stderr=stderr, GRADFN_LOG_FORMAT="json") as served:
        yield Logged(served, path)


def test_an_answer_carries_the_id_of_its_request(server: Served) -> None:
    first, second = (server.client.get("/healthz").headers["x-request-id"] for _ in range(2))

    assert re.fullmatch(r"[0-9a-f]{16}", first)
    assert first != second


def test_a_sane_id_of_the_client_is_kept(server: Served) -> None:
    for sane in ("a", "trace-1.2:3_4", "x" * 64):
        answer = server.client.get("/healthz", headers={"X-Request-ID": sane})
        assert answer.headers["x-request-id"] == sane


@pytest.mark.parametrize("odd", ["", "a b", "x" * 65, '{"a":1}', "a,b", "é".encode()])
def test_any_other_id_of_the_client_is_replaced(server: Served, odd: str | bytes) -> None:
    raw = odd if isinstance(odd, bytes) else odd.encode()
    answer = server.client.get("/healthz", headers={b"X-Request-ID": raw})

    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


def test_a_problem_carries_its_id_too(server: Served) -> None:
    for answer in (server.client.get("/nowhere"), server.client.post("/api/v1/graph", content="{")):
        assert answer.status_code in (404, 422)
        assert answer.headers["x-request-id"]


def test_a_run_is_logged_with_its_request_and_without_its_program(logged: Logged) -> None:
    code = "print('sesame')"
    logged.server.client.post(
        "/api/v1/graph", json={"code": code}, headers={"X-Request-ID": "the-one"}
    )
    logged.server.client.get(
        "/api/v1/graph.dot", params={"code": code}, headers={"X-Request-ID": "the-other"}
    )

    ran, answered = logged.of("the-one", "ran"), logged.of("the-one", "answered")
    assert (ran["status"], ran["level"]) == ("finished", "info")
    assert ran["run_id"] == answered["run_id"]
    assert ran["run_id"] != logged.of("the-other", "ran")["run_id"]
    assert (answered["method"], answered["path"]) == ("POST", "/api/v1/graph")
    assert (answered["status"], answered["client"]) == (200, "127.0.0.1")
    assert answered["ms"] >= ran["run_ms"]
    assert logged.of("the-other", "answered")["path"] == "/api/v1/graph.dot"
    assert "sesame" not in logged.path.read_text()


def test_a_live_run_is_logged_by_the_id_that_all_its_requests_have(logged: Logged) -> None:
    client = logged.server.client
    asked = {"code": "print('abracadabra')"}
    begun = client.post("/api/v1/runs", json=asked, headers={"X-Request-ID": "begins"})
    run = Run(client, begun.headers["Location"])
    with run.watched() as events:
        until(events, "finished")
    client.get(run.address, headers={"X-Request-ID": "reads"})

    ran = logged.of("begins", "ran")
    assert run.address.endswith(ran["run_id"])
    assert ran["status"] == "finished"
    assert logged.of("begins", "answered")["run_id"] == ran["run_id"]
    assert logged.of("reads", "answered")["run_id"] == ran["run_id"]
    assert "abracadabra" not in logged.path.read_text()


def test_every_line_is_json_with_a_time_and_a_level(logged: Logged) -> None:
    logged.server.run("1")

    for line in logged.lines():
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["time"])
        assert line["level"] in ("info", "warning", "error")
        assert line["message"]


def test_the_log_says_which_layers_the_jail_has(logged: Logged) -> None:
    [jailed] = [line for line in logged.lines() if line["message"] == "jailed"]

    ready = logged.server.client.get("/readyz").json()
    assert (jailed["landlock"], jailed["seccomp"]) == (ready["landlock"], ready["seccomp"])


def test_probes_are_not_logged(logged: Logged) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        logged.server.client.get(path)
    logged.server.client.get("/nowhere", headers={"X-Request-ID": "after"})
    logged.of("after", "answered")

    assert not {"/healthz", "/metrics"} & {line.get("path") for line in logged.lines()}


def test_a_path_is_logged_as_it_was_sent(logged: Logged) -> None:
    logged.server.client.get("/%1b[31m%0a", headers={"X-Request-ID": "escaping"})

    assert logged.of("escaping", "answered")["path"] == "/%1b[31m%0a"
