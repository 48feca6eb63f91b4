"""What goes wrong around a server: whatever dies, fills up, dawdles or leaves, it goes on.

Faults of a pool by itself are in test_pool.py, a full queue and a client that leaves in
test_server.py.
"""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Served
from tests.pace import patience
from tests.processes import children, fork_server_below, fork_servers, wait_until

Start = Callable[..., Served]
JSON = "Content-Type: application/json\r\n"
SLEEP = "import time\ntime.sleep({})\n'done'"
FOREVER = "while True: pass"


def metric(server: Served, name: str) -> float:
    """The value of a gauge."""
    [line] = [
        line
        for line in server.client.get("/metrics").text.splitlines()
        if line.startswith(f"gradfn_{name} ")
    ]
    return float(line.split()[-1])


def ask(server: Served, code: str) -> httpx.Response:
    """The answer to a program, whatever it is, on a connection of its own."""
    return httpx.post(f"{server.url}/api/v1/graph", json={"code": code}, timeout=patience(60))


@contextmanager
def connected(server: Served) -> Iterator[socket.socket]:
    """A client that speaks as slowly as it likes."""
    address = urlsplit(server.url)
    with socket.create_connection(
        (address.hostname, address.port), timeout=patience(60)
    ) as connection:
        yield connection


def request(code: str) -> bytes:
    """A request as it goes over the line."""
    body = json.dumps({"code": code})
    head = f"POST /api/v1/graph HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{JSON}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


# Processes that die


def test_with_its_fork_server_killed_under_load_no_run_is_without_an_answer(
    start_server: Start,
) -> None:
    server = start_server(GRADFN_READY_CHILDREN="2")
    forks = fork_server_below(server.process.pid)
    wait_until(lambda: len(children(forks)) == 3)
    heirs = children(forks)
    over = threading.Event()

    def ask_on() -> list[httpx.Response]:
        answers = []
        while not over.is_set():
            answers.append(ask(server, SLEEP.format(0.2)))
        return answers

    with ThreadPoolExecutor(6) as threads:
        asking = [threads.submit(ask_on) for _ in range(6)]
        wait_until(lambda: metric(server, "running_children") > 1)
        os.kill(forks, signal.SIGKILL)
        while (after := server.run("import os\nos.getppid()"))["status"] != "finished":
            assert "is being started again" in after["error"]["message"]
        over.set()

    assert int(after["result"]["repr"]) in heirs, "the spare is warm, a new one takes seconds"
    for answer in (answer for each in asking for answer in each.result()):
        assert answer.status_code == 200
        document = answer.json()
        assert document["result"] == {"repr": "'done'"} or (
            "is being started again" in document["error"]["message"]
        )


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (
            "while it tells of the graph",
            "class Slow:\n def __repr__(self):\n  import time\n  time.sleep(60)\nslow = Slow()",
        ),
        ("after it told of it", "import atexit, time\natexit.register(time.sleep, 60)"),
    ],
)
def test_a_child_killed_late_keeps_what_it_told(server: Served, stage: str, code: str) -> None:
    del stage
    forks = fork_server_below(server.process.pid)
    code = f"import torch\ny = torch.ones(1, requires_grad=True) * 2\nprint('printed')\n{code}"
    others = sleeping(forks)  # of tests before, on the same server
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(server.run, code)
        wait_until(lambda: sleeping(forks) - others)
        [child] = sleeping(forks) - others
        os.kill(child, signal.SIGKILL)
        document = asked.result()

    assert (document["status"], document["error"]["kind"]) == ("crashed", "crash")
    assert "SIGKILL" in document["error"]["message"]
    assert document["stdout"] == "printed\n"
    assert [each["name"] for each in document["graph"]["functions"]] == [
        "MulBackward0",
        "AccumulateGrad",
    ]
    assert server.run("1 + 1")["result"] == {"repr": "2"}


def sleeping(forks: int) -> set[int]:
    """The children that are in time.sleep; one that waits for a program is in read or select."""
    return {pid for pid in children(forks) if "nanosleep" in Path(f"/proc/{pid}/wchan").read_text()}


# Disks that are full


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """Meanwhile no file of the process, and of those that it starts, can grow by a byte."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


PLOT = """
import matplotlib.pyplot as plt, torch
plt.plot([1, 2])
plt.title("Größe $w_0$")
plt.show()
y = torch.ones(1, requires_grad=True) * 2
"""


def test_a_disk_that_fills_up_costs_no_answer(start_server: Start) -> None:
    server = start_server()
    forks = fork_server_below(server.process.pid)
    with full_disk(server.process.pid):
        for pid in (*children(forks), forks):
            os.kill(pid, signal.SIGKILL)  # the next fork server finds the disk full from the start
        wait_until(lambda: fork_servers(server.process.pid) - {forks})
        wait_until(lambda: server.client.get("/readyz").status_code == 200)

        document = server.run(PLOT, picture=True)

    assert (document["status"], len(document["figures"])) == ("finished", 1)
    assert "MulBackward0" in document["picture"]["svg"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")
def test_a_full_disk_for_temporary_files_costs_no_picture(
    start_server: Start, tmp_path: Path
) -> None:
    with small_disk(tmp_path) as disk:
        server = start_server(TMPDIR=str(disk))
        forks = fork_server_below(server.process.pid)
        with suppress(OSError), open(disk / "full", "wb", 0) as full:
            while True:
                full.write(bytes(4096))
        for pid in (*children(forks), forks):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: fork_servers(server.process.pid) - {forks})
        wait_until(lambda: server.client.get("/readyz").status_code == 200)

        document = server.run(PLOT, picture=True)

        assert (document["status"], len(document["figures"])) == ("finished", 1)
        assert "MulBackward0" in document["picture"]["svg"]


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "gradfn", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_server_started_on_a_full_disk_waits_for_room(port: int) -> None:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.jail.lacking", "disk"],
            env={**os.environ, "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout is not None
            assert f":{port}" in process.stdout.readline()
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=patience(60)) as client:
                assert client.get("/healthz").status_code == 200
                refused = client.get("/readyz")
                assert refused.status_code == 503
                assert int(refused.headers["retry-after"]) > 0

                hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))

                wait_until(lambda: client.get("/readyz").status_code == 200)
        finally:
            process.terminate()
            process.wait(timeout=patience(20))
            assert process.stdout is not None
            process.stdout.close()


# Clients that dawdle or leave


def test_a_client_that_sends_slowly_keeps_nobody_waiting(start_server: Start) -> None:
    server = start_server(GRADFN_RUNNING_CHILDREN="1", GRADFN_WAITING_RUNS="1")
    with connected(server) as slow:
        sent = request("'slow but sure'")
        slow.sendall(sent[:-5])
        assert server.run("1 + 1")["result"] == {"repr": "2"}

        slow.sendall(sent[-5:])

        assert b"slow but sure" in slow.makefile("rb").read()


def test_a_client_that_does_not_read_its_answer_keeps_nobody_waiting(start_server: Start) -> None:
    server = start_server(
        GRADFN_RUNNING_CHILDREN="1", GRADFN_WAITING_RUNS="1", GRADFN_CLIENT_RUNS_AT_ONCE="1"
    )
    with connected(server) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        deaf.sendall(request("print('\\N{SNOWMAN}' * 300_000)"))
        wait_until(lambda: runs(server) == 1)

        for _ in range(3):
            assert server.run("1 + 1")["result"] == {"repr": "2"}


def test_a_connection_that_asks_for_nothing_is_closed(server: Served) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    with connected(server) as silent, connected(server) as halting, connected(server) as second:
        halting.sendall(head)
        second.sendall(head + b"\r\n")
        assert b"200 OK" in second.recv(65_536)
        second.sendall(head)
        for each in (silent, halting, second):
            while each.recv(65_536):
                pass


def runs(server: Served) -> float:
    """How many programs have run."""
    lines = server.client.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("gradfn_runs_total{"))


def test_a_client_that_leaves_the_queue_gives_up_its_place(start_server: Start) -> None:
    server = start_server(GRADFN_RUNNING_CHILDREN="1", GRADFN_WAITING_RUNS="1")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(ask, server, SLEEP.format(2))
        wait_until(lambda: metric(server, "running_children") == 1)
        with connected(server) as hasty:
            hasty.sendall(request("'never'"))
            wait_until(lambda: metric(server, "waiting_runs") == 1)
        wait_until(lambda: metric(server, "waiting_runs") == 0)

        assert ask(server, "1 + 1").json()["result"] == {"repr": "2"}
        assert first.result().json()["result"] == {"repr": "'done'"}
    assert runs(server) == 2


# The end


def is_told(answer: httpx.Response) -> bool:
    """Whether it says that the server ends, and when to ask again."""
    assert answer.headers["content-type"] == "application/problem+json"
    return (
        answer.status_code == 503
        and answer.json()["title"] == "The server is ending"
        and int(answer.headers["retry-after"]) > 0
    )


def test_told_to_end_a_server_finishes_what_runs_and_refuses_what_waits(
    start_server: Start,
) -> None:
    server = start_server(GRADFN_RUNNING_CHILDREN="1", GRADFN_DRAIN_SECONDS="600")
    # One that sleeps would give its place to what waits.
    until = f"end = time.time() + {patience(2)}\nwhile time.time() < end:\n    pass\n'done'"
    with ThreadPoolExecutor(2) as threads:
        running = threads.submit(ask, server, f"import time\n{until}")
        wait_until(lambda: metric(server, "running_children") == 1)
        waiting = threads.submit(ask, server, "1 + 1")
        wait_until(lambda: metric(server, "waiting_runs") == 1)
        server.process.send_signal(signal.SIGTERM)

        assert is_told(waiting.result())
        assert not running.done()
        assert running.result().json()["result"] == {"repr": "'done'"}
    server.process.wait(timeout=patience(60))  # and not for 600 seconds


def test_what_does_not_finish_in_time_is_told_so_before_the_server_ends(
    start_server: Start,
) -> None:
    server = start_server(GRADFN_DRAIN_SECONDS="1", GRADFN_WALL_SECONDS="600")
    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(ask, server, FOREVER) for _ in range(3)]
        wait_until(lambda: metric(server, "running_children") == 3)
        server.process.send_signal(signal.SIGTERM)

        assert all(is_told(each.result()) for each in asked)
    server.process.wait(timeout=patience(60))


@pytest.mark.parametrize("sent", [b"", b"POST /api", request("1 + 1")[:-5]])
def test_no_dawdling_client_keeps_a_server_from_its_end(start_server: Start, sent: bytes) -> None:
    server = start_server(GRADFN_DRAIN_SECONDS="0")
    with connected(server) as slow:
        slow.sendall(sent)
        assert server.run("1 + 1")["result"] == {"repr": "2"}
        server.process.send_signal(signal.SIGTERM)

        server.process.wait(timeout=patience(60))


# What a killed server leaves


def folder_of(forks: int) -> Path:
    """The folder of a fork server."""
    environment = Path(f"/proc/{forks}/environ").read_bytes()
    return Path(environment.partition(b"TMPDIR=")[2].split(b"\0")[0].decode())


def test_the_next_server_tidies_up_after_one_that_was_killed(
    start_server: Start, tmp_path: Path
) -> None:
    here: dict[str, Any] = {"TMPDIR": str(tmp_path)}
    killed, alive = start_server(**here), start_server(**here)
    forks = fork_server_below(killed.process.pid)
    left, kept = folder_of(forks), folder_of(fork_server_below(alive.process.pid))
    of_others = [tmp_path / "gradfn-notes", tmp_path / "gradfn-link"]
    of_others[0].mkdir()
    of_others[1].symlink_to(of_others[0])
    # The fork server first: left alone, it would tidy up itself.
    pids = [*children(forks), forks, killed.process.pid]
    for pid in pids[1:]:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    killed.process.wait()
    wait_until(lambda: not any(Path(f"/proc/{pid}/root").exists() for pid in pids))
    assert left.is_dir()

    start_server(**here)

    assert not left.exists()
    assert kept.is_dir()
    assert all(path.exists() for path in of_others)
    assert alive.run("1 + 1")["result"] == {"repr": "2"}


def test_a_full_log_costs_no_answer(port: int) -> None:
    with open("/dev/full", "w") as full:
        process = subprocess.Popen(
            [sys.executable, "-m", "gradfn"],
            env={**os.environ, "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
        )
    try:
        assert process.stdout is not None
        assert f":{port}" in process.stdout.readline()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=patience(60)) as client:
            wait_until(lambda: client.get("/readyz").status_code == 200)
            assert client.post("/api/v1/graph", json={"code": "1"}).json()["status"] == "finished"
    finally:
        process.terminate()
        process.wait(timeout=patience(20))
        assert process.stdout is not None
        process.stdout.close()
