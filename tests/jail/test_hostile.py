"""Every program in tests/jail/hostile tries to do harm, and fails; without the jail it succeeds."""

import ctypes
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from tests.conftest import Serve, Served
from tests.jail.attacks import (
    HERE,
    INJECTIONS,
    READY_CHILDREN,
    REAL,
    SETTINGS,
    Attack,
    end_of,
    harm_in,
    named,
    run_sound,
)
from tests.pace import patience
from tests.processes import children, cpu_seconds, fork_server_below

# Of the server's own CPU time: the clock goes on while the machine does other work.
ANSWER_SECONDS, ALIVE_SECONDS = 4.0, 1.0


@pytest.fixture(scope="module")
def jailed(serve: Serve) -> Iterator[Served]:
    """A server as it is, with small limits and a secret in its environment."""
    with serve(**SETTINGS) as served:
        yield served


@pytest.fixture(scope="module")
def unjailed(serve: Serve) -> Iterator[Served]:
    """A server whose programs have neither Landlock nor seccomp."""
    with serve(module="tests.jail.unjailed", **SETTINGS) as served:
        yield served


@pytest.fixture(scope="module")
def alive(jailed: Served) -> Iterator[Callable[[], None]]:
    """Ask the jailed server whether it lives; it must say so before it does much else."""
    with httpx.Client(base_url=jailed.url, timeout=patience(60)) as client:

        def ask() -> None:
            asked = cpu_seconds(jailed.pid)
            assert client.get("/healthz").status_code == 200
            assert cpu_seconds(jailed.pid) - asked < ALIVE_SECONDS, "the server was kept busy"

        ask()
        yield ask


@pytest.fixture(scope="module")
def before(jailed: Served, alive: Callable[[], None]) -> "Traces":
    """What there is before the first attack."""
    run_sound(jailed)
    return settled(jailed)


@pytest.mark.parametrize("attack", HERE, ids=named)
def test_it_does_no_harm(
    attack: Attack, jailed: Served, before: "Traces", alive: Callable[[], None]
) -> None:
    for _ in range(attack.runs):
        started = cpu_seconds(jailed.pid)
        with ThreadPoolExecutor(1) as one:
            running = one.submit(jailed.run, attack.code, **attack.options)
            while not running.done():
                alive()
                time.sleep(0.01)  # between two questions, not for an event
        document = running.result()

        assert cpu_seconds(jailed.pid) - started < ANSWER_SECONDS
        assert not harm_in(document)
        assert end_of(document) & set(attack.said["ends"].split(" | ")), document["error"]
        run_sound(jailed)


@pytest.mark.parametrize("attack", REAL, ids=named)
def test_it_does_harm_without_the_jail(attack: Attack, unjailed: Served) -> None:
    try:
        documents = [unjailed.run(attack.code, **attack.options) for _ in range(attack.runs)]
    finally:
        clear_traces()

    assert harm_in(documents[-1]), documents[-1]["error"]


@pytest.mark.parametrize("attack", INJECTIONS, ids=named)
def test_no_drawing_of_it_holds_anything_but_a_drawing(attack: Attack, jailed: Served) -> None:
    asked = {"code": attack.code, "options": attack.options}
    svg = jailed.client.post("/api/v1/graph.svg", json=asked)
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert svg.headers["x-content-type-options"] == "nosniff"
    for element in ElementTree.fromstring(svg.content).iter():
        assert isinstance(element.tag, str), "a processing instruction or a comment"
        assert element.tag.rpartition("}")[2] in {
            *("svg", "g", "title", "desc", "path", "polygon", "polyline", "ellipse", "text"),
            *("defs", "linearGradient", "stop", "rect", "circle", "line", "style", "tspan"),
        }
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "javascript:" not in value or name == "class"

    dot = jailed.client.post("/api/v1/graph.dot", json=asked)
    unquoted = re.sub(r'"(\\.|[^"\\])*"', '""', dot.text, flags=re.DOTALL)
    assert "script" not in unquoted
    assert "URL" not in unquoted


def test_what_it_is_called_and_says_is_data_in_json(jailed: Served) -> None:
    for attack in INJECTIONS:
        answer = jailed.client.post("/api/v1/graph", json={"code": attack.code})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for figure in answer.json()["figures"]:
            tags = {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(figure["data"]).iter()}
            assert "script" not in tags


@dataclass(frozen=True, slots=True)
class Traces:
    """What a program could leave behind on this machine."""

    processes: int
    descriptors: tuple[int, int]  # of the server, of the fork server
    files: frozenset[Path]
    shared: frozenset[str]


def traces_of(server: Served) -> Traces:
    """What there is now."""
    fork_server = fork_server_below(server.pid)
    descriptors = [
        len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (server.pid, fork_server)
    ]
    root = Path(__file__).parents[2]
    folders = [Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), root, root / "app", Path("/")]
    return Traces(
        len(children(fork_server)),
        (descriptors[0], descriptors[1]),
        frozenset(path for folder in folders for path in folder.iterdir() if is_ours(path)),
        frozenset(
            line
            for kind in ("shm", "msg", "sem")
            for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
        ),
    )


def is_ours(path: Path) -> bool:
    """Whether a program of these could have made it."""
    return "hostile" in path.name or "harm" in path.name or "gradfn-was" in path.name


def settled(server: Served) -> Traces:
    """What there is once every child that was used has been replaced, or after a long wait."""
    whole = [f"gradfn_ready_children {READY_CHILDREN}.0", "gradfn_running_children 0.0"]
    end = time.monotonic() + patience(10)
    while time.monotonic() < end:
        told = server.client.get("/metrics").text.splitlines()
        traces = traces_of(server)
        if traces.processes == READY_CHILDREN + 1 and set(whole) <= set(told):  # and a spare
            break
        time.sleep(0.1)  # for processes of others, which send no event
    return traces


def test_afterwards_nothing_is_left(jailed: Served, before: Traces) -> None:
    after = settled(jailed)

    assert (after.processes, after.files, after.shared) == (
        before.processes,
        before.files,
        before.shared,
    )
    for now, then in zip(after.descriptors, before.descriptors, strict=True):
        assert now <= then


def clear_traces() -> None:
    """Take away what attacks leave without the jail: no other child may, each has its own uid."""
    for folder in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock"):
        Path(folder, "gradfn-hostile-trace").unlink(missing_ok=True)
    libc = ctypes.CDLL(None)
    if (segment := libc.shmget(0x67726164, 0, 0)) >= 0:
        libc.shmctl(segment, 0, None)


def test_most_attacks_are_seen_to_be_real() -> None:
    """They do harm without the jail, or end as only who really tries can end."""
    by_their_end = [a for a in HERE if a.said["ends"].split()[0] in ("limit", "crashed")]
    seen = {attack.name for attack in (*REAL, *by_their_end)}

    assert len(HERE) >= 190
    assert len(seen) > 0.6 * len(HERE)
