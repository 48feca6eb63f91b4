"""A real server, started as a user starts it."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

pytest_plugins = ["tests.browser"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser come last: Playwright's event loop stays in the thread."""
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))


# All tests are one client, and ask for more than one client may.
A_WHOLE_SUITE = {"GRADFN_CLIENT_RUNS_A_MINUTE": "1000000", "GRADFN_CLIENT_RUNS_AT_ONCE": "1000"}


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its address, its process, a client that talks to it."""

    url: str
    process: subprocess.Popen[str]
    client: httpx.Client

    def run(self, code: str, **options: Any) -> dict[str, Any]:
        """The run document of a program."""
        answer = self.client.post("/api/v1/graph", json={"code": code, "options": options})
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document


@contextmanager
def serving(**settings: str) -> Iterator[Served]:
    """A server with these settings in its environment, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "app"],
        env={**os.environ, **A_WHOLE_SUITE, **settings, "PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert f"http://127.0.0.1:{port}" in line, f"the server did not start: {line!r}"
        url = line.split()[-1]
        with httpx.Client(base_url=url, timeout=60) as client:
            while client.get("/readyz").status_code != 200:
                pass  # it answers when a program could be run, or after two seconds
            yield Served(url, process, client)
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    """A server with its default settings."""
    with serving() as served:
        yield served


@pytest.fixture(scope="session")
def server_url(server: Served) -> str:
    """Where it serves."""
    return server.url


@pytest.fixture
def start_server() -> Iterator[Callable[..., Served]]:
    """Start a server of one's own: start_server(GRADFN_WALL_SECONDS="1")."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(serving(**settings))
