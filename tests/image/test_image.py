"""The image, really built and run: who it is, what it may, and what it survives.

`make image-test` builds it and runs these, the article's programs and the hostile suite in it.
"""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import containers
from tests.conftest import Serve, Served
from tests.containers import docker, inspected, logs
from tests.pace import patience

UNPACKED_BYTES = 1_400_000_000  # more would be a mistake: CUDA, a compiler, a cache
GIB = 2**30


@pytest.fixture(scope="module")
def contained(serve: Serve) -> Iterator[Served]:
    """A container with the limits of a careful operator."""
    assert containers.IMAGE, "TEST_IMAGE names no image: make image-test"
    with serve() as served:
        yield served


def status_of(pid: int) -> dict[str, str]:
    """What the kernel says of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def inside(server: Served, *words: str) -> subprocess.CompletedProcess[str]:
    """A command run in its container, as the same user."""
    return subprocess.run(
        ["docker", "exec", str(server.container), *words],
        capture_output=True,
        text=True,
        timeout=patience(60),
    )


def test_the_server_is_nobody_and_may_nothing(contained: Served) -> None:
    status = status_of(contained.pid)

    assert status["Uid"].split() == status["Gid"].split() == ["10001"] * 4
    assert {int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


def test_the_image_itself_says_that_it_is_nobody() -> None:
    config = inspected(str(containers.IMAGE))["Config"]

    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_nothing_but_tmp_can_be_written(contained: Served) -> None:
    for place in ("/", "/opt/venv", "/usr/local/lib", "/home", "/var/tmp"):
        assert inside(contained, "touch", f"{place}/x").returncode != 0, place
    assert inside(contained, "touch", "/tmp/x").returncode == 0
    assert "noexec" in inside(contained, "grep", " /tmp ", "/proc/mounts").stdout


def test_there_is_no_compiler_and_no_cache_in_it(contained: Served) -> None:
    for program in ("cc", "gcc", "make", "uv", "node", "npm", "git", "curl"):
        assert inside(contained, "sh", "-c", f"command -v {program}").returncode != 0, program
    kept = "/root/.cache /root/.npm /var/lib/apt/lists/*_* /var/cache/apt/archives/*.deb /src"
    assert inside(contained, "sh", "-c", f"ls -d {kept} 2>/dev/null").stdout == ""
    assert inspected(str(containers.IMAGE))["Size"] < UNPACKED_BYTES


def test_it_becomes_healthy(contained: Served) -> None:
    deadline = time.monotonic() + patience(60)
    while (health := inspected(str(contained.container))["State"]["Health"])[
        "Status"
    ] == "starting":
        assert time.monotonic() < deadline, health
        time.sleep(0.2)  # the engine's own interval is a second

    assert health["Status"] == "healthy", health


def test_the_jail_has_all_its_layers_inside_a_container(contained: Served) -> None:
    ready = contained.client.get("/readyz").json()

    assert ready["seccomp"] is True
    assert ready["landlock"] >= 1


def test_its_log_is_json(serve: Serve, contained: Served) -> None:
    with serve(GRADFN_LOG_FORMAT="json") as served:
        served.client.get("/nowhere")
        lines = logs(str(served.container))

    assert {"jailed", "serves", "answered"} <= {line["message"] for line in lines}


def answer(server: Served, code: str) -> httpx.Response:
    """The answer to a program."""
    return server.client.post("/api/v1/graph", json={"code": code})


def test_out_of_memory_in_one_child_costs_that_child_alone(serve: Serve) -> None:
    bomb = "import torch\nkept = [torch.ones(25_000_000) for _ in range(100)]"  # 10 GB
    with (
        serve(
            options=["--memory", "1g", "--memory-swap", "1g"],
            GRADFN_MEMORY_MB="100000",
            GRADFN_READY_CHILDREN="2",
        ) as server,
        ThreadPoolExecutor(2) as threads,
    ):
        pid = server.pid
        other = threads.submit(answer, server, "import time\ntime.sleep(4)\n'alive'")
        bombed: dict[str, Any] = threads.submit(answer, server, bomb).result().json()

        assert bombed["status"] in ("limit", "crashed"), bombed["error"]
        assert other.result().json()["result"] == {"repr": "'alive'"}
        assert server.pid == pid
        assert server.run("1 + 1")["result"] == {"repr": "2"}
        assert inspected(str(server.container))["State"]["Running"]


def test_no_process_left_is_a_503_and_a_living_server(serve: Serve) -> None:
    sleeping = "import time\ntime.sleep(3)"
    with (
        serve(
            options=["--pids-limit", "40"],
            GRADFN_READY_CHILDREN="2",
            GRADFN_RUNNING_CHILDREN="100",
            GRADFN_WAITING_RUNS="20",
        ) as server,
        ThreadPoolExecutor(100) as threads,
    ):
        pid = server.pid
        answers = threads.map(answer, [server] * 100, [sleeping] * 100)
        told = Counter(each.status_code for each in answers)

        assert set(told) == {200, 503}, told
        assert 10 < told[200] < 80  # the rest of forty are the server's own
        assert server.pid == pid
        assert server.client.get("/healthz").status_code == 200
        while server.client.get("/readyz").status_code != 200:
            pass
        assert server.run("1 + 1")["result"] == {"repr": "2"}


def test_sigterm_ends_it_once_the_running_program_has_its_answer(serve: Serve) -> None:
    with serve() as server, ThreadPoolExecutor(1) as threads:
        name = str(server.container)
        running = threads.submit(answer, server, "import time\ntime.sleep(2)\n'done'")
        while "gradfn_running_children 1.0" not in server.client.get("/metrics").text:
            pass
        started = time.monotonic()
        docker("kill", "--signal", "TERM", name)

        assert running.result().json()["result"] == {"repr": "'done'"}
        server.process.wait(timeout=patience(20))
        assert server.process.returncode in (0, 128 + signal.SIGTERM)
        assert time.monotonic() - started < 10
