"""A real server, started as a user starts it; what each test needs, by its fixtures."""

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any

import httpx
import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from gradfn.recorder.failures import Failures
from tests import containers
from tests.covered import FOLDER
from tests.loaded import loaded
from tests.pace import patience

pytest_plugins = ["tests.page.browser"]
collect_ignore = [] if containers.IMAGE else ["image"]  # make image-test


Failures.strict = True  # in this process a mistake of the recorder is raised where it happens
hypothesis.settings.register_profile("gradfn", deadline=None)  # speed is what make bench measures
hypothesis.settings.load_profile("gradfn")

os.environ.setdefault("PYTEST_TIMEOUT", str(patience(150)))  # a test that hangs says where

# A mark, and the fixtures that show that a test needs it. What needs none of them is pure.
NEEDS = {
    "attack": {"attack"},
    "browser": {"browser"},
    "server": {"serve", "port", "own_folder"},  # the last of tests that start fork servers
    "process": {
        "gradfn",
        "new_gradfn",
        "python",
        "kernel",
        "wheel",
        "checkout",
        "states",
    },  # starts others, for seconds
}
# Files whose tests must not run beside each other: their programs leave the same traces.
TOGETHER = ("test_hostile.py", "test_sealed.py")


def pytest_configure(config: pytest.Config) -> None:
    for mark in ("pure", *NEEDS):
        config.addinivalue_line("markers", f"{mark}: set by its fixtures (tests/conftest.py)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test with what it needs."""
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        for mark in [mark for mark, shown in NEEDS.items() if used & shown] or ["pure"]:
            item.add_marker(mark)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor: tests wait for servers, browsers and events most of the time."""
    return 2 * len(os.sched_getaffinity(0))


def pytest_collection_finish() -> None:
    """Collections of garbage, which recording asks for, pass over the 5,000 tests."""
    gc.collect()
    gc.freeze()


class FileScheduling(LoadFileScheduling):
    """A file runs in one process, and so do files that must be together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "attacks" if file.endswith(TOGETHER) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    return FileScheduling(config, log)


# All tests are one client, and ask for more than one client may. No program runs out of time
# because the machine has other work: a test of a limit sets it.
A_WHOLE_SUITE = {
    "GRADFN_CLIENT_RUNS_A_MINUTE": "1000000",
    "GRADFN_CLIENT_RUNS_AT_ONCE": "1000",
    "GRADFN_CLIENT_RUNNING_CHILDREN": "1000",
    "GRADFN_WALL_SECONDS": "300",
    "GRADFN_CPU_SECONDS": "60",
    "GRADFN_EMBED_ORIGINS": "http://localhost:*",
}


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its address, its process, a client that talks to it."""

    url: str
    process: subprocess.Popen[str]
    client: httpx.Client
    container: str | None = None

    @property
    def pid(self) -> int:
        """That of the server itself; `process` may be what started its container."""
        return containers.server_in(self.container) if self.container else self.process.pid

    def run(self, code: str, **options: Any) -> dict[str, Any]:
        """The run document of a program."""
        answer = self.client.post("/api/v1/graph", json={"code": code, "options": options})
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document


def free_port() -> int:
    """A TCP port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
    return found


@contextmanager
def serving(
    *,
    module: str = "gradfn",
    stderr: IO[str] | None = None,
    options: list[str] | None = None,
    recorder_may_fail: bool = False,
    **settings: str,
) -> Iterator[Served]:
    """A server with these settings in its environment, on a free port.

    `module` is what follows `python -m`; a server without a jail is asked with its token.
    `options` are Docker's, where the server is in a container. At the end the recorder must not
    have failed in any run, unless a test makes it fail.
    """
    if module == "gradfn" and FOLDER in os.environ:
        module = "tests.covered"
    port = free_port()
    environment = {**A_WHOLE_SUITE, **settings, "PORT": str(port)}
    name = containers.new_name() if containers.IMAGE and module == "gradfn" else None
    command = [sys.executable, "-m", *module.split()]
    process = subprocess.Popen(
        containers.run_command(name, environment, options) if name else command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    assert process.stdout is not None
    try:
        token = ""
        if settings.get("GRADFN_LOG_FORMAT") != "json":  # then it is in the log
            line = process.stdout.readline()
            assert f"http://127.0.0.1:{port}" in line, f"the server did not start: {line!r}"
            token = line.strip().partition("/?token=")[2]
        url = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(base_url=url, timeout=patience(60), headers=headers) as client:
            while not is_ready(client):
                assert process.poll() is None, "the server did not start"
            yield Served(url, process, client, name)
            if not recorder_may_fail:
                assert recorder_failures(client) == []
    finally:
        process.terminate()
        process.wait(timeout=patience(20))
        process.stdout.close()


def recorder_failures(client: httpx.Client) -> list[str]:
    """What the server has counted of them; nothing where it does not answer any more."""
    try:
        answer = client.get("/metrics")
    except httpx.TransportError:
        return []
    return [line for line in answer.text.splitlines() if "recorder_failures_total{" in line]


def is_ready(client: httpx.Client) -> bool:
    """Whether a program could be run; it is asked for two seconds at the most."""
    try:
        return client.get("/readyz").status_code == 200
    except httpx.ConnectError:
        return False


Serve = Callable[..., AbstractContextManager[Served]]


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Start a server for a while: `with serve(GRADFN_WALL_SECONDS="1") as served`."""
    return serving


@pytest.fixture(scope="session")
def server(serve: Serve) -> Iterator[Served]:
    """A server for all tests that ask for nothing special; with xdist one for each process."""
    with serve() as served:
        yield served


@pytest.fixture(scope="session")
def server_url(server: Served) -> str:
    """Where it serves."""
    return server.url


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def gradfn() -> Command:
    """What the command says and how it ends: gradfn("settings", PORT="http")."""

    def run(
        *words: str, module: str = "gradfn", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=patience(60),
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A command in place of `sys.executable`, for `-m` and a module: torch is loaded already."""
    with loaded(tmp_path_factory.mktemp("python")) as found:
        yield found.command


@pytest.fixture
def port() -> int:
    """Where a server will serve that a test starts in a way of its own."""
    return free_port()


@pytest.fixture
def start_server(serve: Serve) -> Iterator[Callable[..., Served]]:
    """Start a server of one's own: start_server(GRADFN_WALL_SECONDS="1")."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(serve(**settings))
