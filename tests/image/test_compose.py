"""`docker compose up` gives the whole thing, with the proxy in front too.

It is asked from inside its own networks, so that no port of this machine matters.
"""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import containers
from tests.containers import inspected, logs

ROOT = Path(__file__).parents[2]
ASK = """
import http.client, json, socket, ssl, sys
where, method, path, body, headers = json.loads(sys.argv[1])
if isinstance(body, int):  # so many bytes: more than a command line takes
    body = "x" * body
if where == "gradfn":
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=30)
else:
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("localhost", timeout=30, context=context)
    connection._create_connection = lambda address, *rest: socket.create_connection(("proxy", 443))
connection.request(method, path, body, headers)
answer = connection.getresponse()
print(json.dumps([answer.status, dict(answer.getheaders()), answer.read().decode()]))
"""


class Project:
    """A project of Compose, up and well."""

    def __init__(self, files: list[str]) -> None:
        self.name = f"gradfn-test-{uuid.uuid4().hex[:8]}"
        self._files = [word for file in files for word in ("-f", str(ROOT / file))]

    def compose(self, *words: str) -> str:
        """What a command of Compose prints."""
        # Ports of its own, should this machine have others in use.
        ports = {"PORT": "18000", "HTTP_PORT": "18080", "HTTPS_PORT": "18443"}
        image = {"IMAGE": str(containers.IMAGE)}
        done = subprocess.run(
            ["docker", "compose", "-p", self.name, *self._files, *words],
            env={**os.environ, **ports, **image},
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(
        self, where: str, method: str, path: str, body: str | int | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer of `gradfn` or of the `proxy`."""
        asked = json.dumps([where, method, path, body, headers])
        status, told, text = json.loads(
            self.compose("exec", "-T", "gradfn", "python", "-c", ASK, asked)
        )
        return status, {name.lower(): value for name, value in told.items()}, text

    def container(self, service: str) -> dict[str, Any]:
        """What the engine knows of the container of a service."""
        return inspected(self.compose("ps", "-q", service).strip())


@contextmanager
def up(*files: str) -> Iterator[Project]:
    """The project of these files."""
    assert containers.IMAGE, "TEST_IMAGE names no image: make image-test"
    project = Project(list(files))
    try:
        project.compose("up", "--no-build", "--detach", "--wait")
        yield project
    finally:
        project.compose("down", "--volumes")


@pytest.fixture(scope="module")
def alone() -> Iterator[Project]:
    """gradfn by itself."""
    with up("compose.yaml") as project:
        yield project


@pytest.fixture(scope="module")
def proxied() -> Iterator[Project]:
    """gradfn behind Caddy."""
    with up("compose.yaml", "compose.proxy.yaml") as project:
        yield project


def program(code: str) -> str:
    return json.dumps({"code": code})


JSON = {"Content-Type": "application/json"}


def test_a_program_runs_in_it(alone: Project) -> None:
    status, _, text = alone.ask("gradfn", "POST", "/api/v1/graph", program("6 * 7"), **JSON)

    assert (status, json.loads(text)["result"]) == (200, {"repr": "42"})


def test_its_container_has_little_and_may_nothing(alone: Project) -> None:
    host = alone.container("gradfn")["HostConfig"]

    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] == host["MemorySwap"] == 5 * 2**30
    assert host["PidsLimit"] == 600
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert set(host["Tmpfs"]) == {"/tmp"}


def test_it_is_published_on_this_machine_alone(alone: Project) -> None:
    [published] = alone.container("gradfn")["HostConfig"]["PortBindings"]["8000/tcp"]

    assert published["HostIp"] == "127.0.0.1"


def test_the_proxy_ends_tls_and_passes_on_what_is_asked(proxied: Project) -> None:
    body = program("6 * 7")
    status, headers, text = proxied.ask("proxy", "POST", "/api/v1/graph", body, **JSON)

    assert (status, json.loads(text)["result"]) == (200, {"repr": "42"})
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-request-id"]


def test_the_proxy_refuses_what_is_too_large(proxied: Project) -> None:
    assert proxied.ask("proxy", "POST", "/api/v1/graph", 2_000, **JSON)[0] == 400
    # 502 is what a Caddy before 2.8 calls a body that it has cut off itself.
    assert proxied.ask("proxy", "POST", "/api/v1/graph", 2_000_000, **JSON)[0] in (413, 502)


def test_the_proxy_keeps_what_is_for_operators_inside(proxied: Project) -> None:
    for path in ("/metrics", "/readyz"):
        assert proxied.ask("proxy", "GET", path)[0] == 404
    assert proxied.ask("gradfn", "GET", "/metrics")[0] == 200


def test_a_client_cannot_say_who_it_is(proxied: Project) -> None:
    forged = {"X-Forwarded-For": "192.0.2.66", "X-Request-ID": "forged"}
    proxied.ask("proxy", "GET", "/nowhere", **forged)

    lines = logs(proxied.container("gradfn")["Id"])
    [line] = [told for told in lines if told.get("request_id") == "forged"]
    assert line["client"] != "192.0.2.66"


def test_only_the_proxy_is_published_and_gradfn_has_no_way_out(proxied: Project) -> None:
    assert not proxied.container("gradfn")["HostConfig"]["PortBindings"]
    assert set(proxied.container("proxy")["HostConfig"]["PortBindings"]) == {
        *("80/tcp", "443/tcp", "443/udp")
    }
    code = "import socket; socket.create_connection(('192.0.2.1', 80), 5)"
    with pytest.raises(AssertionError, match="unreachable"):
        proxied.compose("exec", "-T", "gradfn", "python", "-c", code)
