"""Readers under a real server: what they read harms no other run, and not the server."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gradfn.run.memory import memory_kib
from tests.conftest import Serve, Served
from tests.processes import children, cpu_seconds, fork_server_below, wait_until

HISTORY = Path(__file__).parents[1] / "jail/hostile" / "forge_history.py"  # 1.5 s of explaining
# Complex numbers take some thirty times as much memory as they take bytes.
COMPLEX = """
import msgspec, os
value = ([10_000], "complex64", [[0, 0]] * 10_000, None)
state = ("TrainingRead", 0, 1, "loss", 1.0, [("w", value, value)] * 60, {}, [], b"", b"")
body = msgspec.msgpack.encode(state)
frame = len(body).to_bytes(4, "little") + body
for _ in range(15):
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(3, rest):]
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Iterator[Served]:
    """A server of this file alone."""
    with serve(GRADFN_READERS="2") as started:
        started.run("1")
        yield started


def readers(served: Served) -> set[int]:
    """The processes that read or wait for a run; others lay out, and one is a spare."""
    forks = fork_server_below(served.pid, "gradfn.reader")
    return {pid for pid in children(forks) if has_filter(pid) and "python" in executable(pid)}


def has_filter(pid: int) -> bool:
    """Whether it is in its jail; a spare of the fork server is not."""
    try:
        return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def executable(pid: int) -> str:
    """The file that it runs."""
    try:
        return str(Path(f"/proc/{pid}/exe").readlink())
    except OSError:
        return ""


def harmed(served: Served, number: signal.Signals) -> dict[str, Any]:
    """The document of a run whose reader gets this signal while it reads."""
    wait_until(lambda: len(readers(served)) == 2)
    before = {pid: cpu_seconds(pid) for pid in readers(served)}

    def busy() -> list[int]:
        return [pid for pid, used in before.items() if cpu_seconds(pid) > used + 0.1]

    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(served.run, "print('printed')\n" + HISTORY.read_text())
        wait_until(busy)
        [reads] = busy()
        os.kill(reads, number)
        document: dict[str, Any] = asked.result()
    assert document["stdout"] == "printed\n"
    assert [each["id"] for each in document["diagnostics"]] == ["unread"]
    wait_until(lambda: len(readers(served)) == 2 and reads not in readers(served))
    assert served.run("6 * 7")["result"] == {"repr": "42"}
    return document


def test_a_reader_is_in_a_jail(served: Served) -> None:
    wait_until(lambda: len(readers(served)) == 2)
    for pid in readers(served):
        status = Path(f"/proc/{pid}/status").read_text()
        assert "NoNewPrivs:\t1" in status
        assert os.geteuid() != 0 or "Uid:\t0\t" not in status


def test_a_reader_that_is_killed_costs_its_run_what_the_program_told(served: Served) -> None:
    document = harmed(served, signal.SIGKILL)
    assert document["status"] == "crashed"
    assert "SIGKILL" in document["error"]["message"]


def test_a_reader_that_hangs_is_noticed(served: Served) -> None:
    document = harmed(served, signal.SIGSTOP)
    assert document["status"] == "crashed"
    assert "did not go on" in document["error"]["message"]


def test_readers_that_are_lost_are_counted(served: Served) -> None:
    def lost() -> float:
        lines = served.client.get("/metrics").text.splitlines()
        [line] = [line for line in lines if line.startswith("gradfn_lost_readers_total")]
        return float(line.split()[-1])

    before = lost()
    harmed(served, signal.SIGKILL)
    assert lost() == before + 1


def test_a_reader_is_used_again_after_an_honest_run(served: Served) -> None:
    wait_until(lambda: len(readers(served)) == 2)
    before = readers(served)
    for each in range(20):
        assert served.run(str(each))["result"] == {"repr": str(each)}
    assert readers(served) == before


def test_forged_records_take_no_memory_of_the_server(served: Served) -> None:
    before = memory_kib(served.pid)
    with ThreadPoolExecutor(2) as threads:
        documents = list(threads.map(served.run, [COMPLEX] * 2))
    assert {each["error"]["kind"] for each in documents} <= {"crash", "limit"}
    # The bytes of two runs, each also in what the allocator keeps; decoded, they are 1.7 GB each.
    assert memory_kib(served.pid) - before < 260 * 1024
    assert served.run("6 * 7")["result"] == {"repr": "42"}


def test_a_reader_dies_with_its_server(serve: Serve) -> None:
    with serve() as started:
        started.run("1")
        pids = readers(started)
        started.process.kill()
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert pids
