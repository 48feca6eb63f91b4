"""A long run of many: 5,000 programs mixed with 500 attacks by 16 clients, and what is left of it.

Nothing may be: processes and descriptors are counted before and after, memory is told.
"""

import http.client
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import Served, serving
from tests.jail.attacks import HERE, READY_CHILDREN, SETTINGS, SOUND
from tests.processes import children, fork_server_below

PROGRAMS, ATTACKS, CLIENTS = 5_000, 500, 16
WARM = 10  # times fewer, before what there is is counted
# The programs share the processors with the attacks: what ends a loop is its own time of them.
PATIENT: dict[str, Any] = {"GRADFN_WALL_SECONDS": "10", "GRADFN_CPU_SECONDS": "1"}
ENDS = {"finished", "raised", "limit", "crashed"}


@dataclass(frozen=True, slots=True)
class Held:
    """What the server and all its processes hold."""

    processes: int
    descriptors: tuple[int, int]  # of the server, of the fork server
    memory_mb: tuple[float, float]  # of the same two, their own

    def __str__(self) -> str:
        server, forks = self.memory_mb
        return (
            f"{self.processes:9} {self.descriptors[0]:7} + {self.descriptors[1]:<4}"
            f" {server:7.1f} + {forks:.1f} MB"
        )


def bench_soak() -> None:
    """The soak, with its verdict."""
    with serving(**SETTINGS | PATIENT) as served:
        soak(served, PROGRAMS // WARM, ATTACKS // WARM)
        before = held_by(served)
        started = time.perf_counter()
        ends = soak(served, PROGRAMS, ATTACKS)
        seconds = time.perf_counter() - started
        after = held_by(served)
    print(f"{PROGRAMS:,} programs and {ATTACKS} attacks by {CLIENTS} clients: {seconds:.0f} s")
    print(f"  ends: {', '.join(f'{status} {count:,}' for status, count in ends.most_common())}")
    print("           processes  descriptors  memory of its own (server + fork server)")
    print(f"  before   {before}")
    print(f"  after    {after}")
    same = (before.processes, before.descriptors) == (after.processes, after.descriptors)
    print(f"  processes and descriptors {'are as before' if same else 'ARE NOT AS BEFORE'}")


def soak(served: Served, programs: int, attacks: int) -> Counter[str]:
    """How the runs ended. Every sound program must have its own right answer."""
    jobs = [SOUND] * programs + [HERE[each % len(HERE)].code for each in range(attacks)]
    random.Random(0).shuffle(jobs)
    ends: Counter[str] = Counter()
    lock, left = threading.Lock(), iter(jobs)

    def client() -> None:
        post = poster(served.url)
        while True:
            with lock:
                code = next(left, None)
            if code is None:
                return
            document = post(code)
            assert document["status"] in ENDS
            assert code != SOUND or document["result"] == {"repr": "tensor([4., 6.])"}, document
            with lock:
                ends[document["status"]] += 1

    with ThreadPoolExecutor(CLIENTS) as threads:
        for each in [threads.submit(client) for _ in range(CLIENTS)]:
            each.result()
    return ends


def held_by(served: Served) -> Held:
    """What there is, once the last children have been replaced and idle connections are closed."""
    forks = settled(served, READY_CHILDREN)
    time.sleep(6)  # what uvicorn leaves an idle connection
    pids = served.process.pid, forks
    server, fork_server = (len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)
    return Held(
        len(children(forks)),
        (server, fork_server),
        (memory_of(pids[0])[1], memory_of(pids[1])[1]),
    )


def settled(served: Served, ready: int) -> int:
    """The pid of the fork server, once its children wait, and its spare, and nobody else is there.

    After half a minute they are taken as they are.
    """
    forks = fork_server_below(served.process.pid)
    end = time.monotonic() + 30
    while (len(waiting(forks)), len(children(forks))) != (ready, ready + 1):
        if time.monotonic() > end:
            break
        time.sleep(0.01)
    return forks


def poster(url: str) -> Callable[[str], dict[str, Any]]:
    """A client with a connection of its own: give it a program, get the run document."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def post(code: str) -> dict[str, Any]:
        body = json.dumps({"code": code})
        connection.request("POST", "/api/v1/graph", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        document: dict[str, Any] = json.loads(answer.read())
        assert answer.status == 200, document
        return document

    return post


def waiting(forks: int) -> set[int]:
    """The children of a fork server that have rehearsed and wait to read a program."""
    found = set()
    for pid in children(forks):
        try:
            if "pipe_read" in Path(f"/proc/{pid}/wchan").read_text():
                found.add(pid)
        except OSError:  # it has ended
            continue
    return found


def memory_of(pid: int) -> tuple[float, float]:
    """Megabytes of a process: PSS, and what no other shares. Of a child only root may ask."""
    sizes: Counter[str] = Counter()
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size, _ = line.split()
        sizes[name.rstrip(":")] += int(size)
    return sizes["Pss"] / 1024, (sizes["Private_Clean"] + sizes["Private_Dirty"]) / 1024


def used_by(served: Served, ready: int) -> float:
    """Megabytes of all its processes together, each page counted once."""
    forks = settled(served, ready)
    pids = {served.process.pid, forks, *children(forks)}
    return sum(memory_of(pid)[0] for pid in pids)
