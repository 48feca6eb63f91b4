"""What /metrics counts is what happened."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import Serve, Served
from tests.live.streams import start, until

SQUARE = "import torch\n(torch.ones(2, requires_grad=True) ** 2).sum()"


class Counted:
    """A server, and how much each figure has grown since it was last asked."""

    def __init__(self, server: Served) -> None:
        self.server, self.then = server, figures(server)

    def grown(self) -> dict[str, float]:
        """What is not as it was."""
        now = figures(self.server)
        differences = {name: value - self.then.get(name, 0) for name, value in now.items()}
        self.then = now
        return {name: value for name, value in differences.items() if value}


def figures(server: Served) -> dict[str, float]:
    """Each sample, by name and label as one writes them in a query."""
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(server.client.get("/metrics").text)
        for sample in family.samples
        if sample.name.startswith("gradfn_") and not sample.name.endswith("_created")
    }


@pytest.fixture(scope="module")
def counting(serve: Serve) -> Iterator[Served]:
    """A server that nobody else asks."""
    with serve(GRADFN_OUTPUT_BYTES="1000") as served:
        yield served


@pytest.fixture
def counted(counting: Served) -> Counted:
    """It, from now on."""
    return Counted(counting)


@pytest.mark.parametrize(
    ("code", "status"),
    [("1", "finished"), ("1 / 0", "raised"), ("import os\nos._exit(3)", "crashed")],
)
def test_runs_are_counted_by_status(counted: Counted, code: str, status: str) -> None:
    counted.server.run(code)

    grown = counted.grown()
    assert grown[f"gradfn_runs_total{{{status}}}"] == 1
    assert grown["gradfn_queue_seconds_count"] == grown["gradfn_run_seconds_count"] == 1


def test_a_live_run_is_counted_by_status_but_not_by_its_time(counted: Counted) -> None:
    run = start(counted.server.client, "1")
    with run.watched() as events:
        until(events, "finished")

    grown = counted.grown()
    assert grown["gradfn_runs_total{finished}"] == grown["gradfn_queue_seconds_count"] == 1
    assert "gradfn_run_seconds_count" not in grown


BREAKS_THE_RECORDER = """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Probes":
        del thing.notes
done = 1
"""


@pytest.mark.parametrize("live", [False, True])
def test_where_the_recorder_failed_is_counted_and_logged_and_the_program_goes_on(
    serve: Serve, tmp_path: Path, live: bool
) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr, serve(stderr=stderr, recorder_may_fail=True) as served:
        counted = Counted(served)
        if live:
            run = start(served.client, BREAKS_THE_RECORDER)
            run.heard()
            document = run.document()
        else:
            document = served.run(BREAKS_THE_RECORDER)

        assert document["status"] == "finished"
        assert document["variables"][-1]["repr"] == "1"
        assert counted.grown()["gradfn_recorder_failures_total{at}"] == 1
    (line,) = [line for line in log.read_text().splitlines() if "recorder failed" in line]
    assert "'at': " in line
    assert "run_id=" in line


def test_a_place_that_the_recorder_does_not_have_is_never_a_label(counted: Counted) -> None:
    forged = """
import os
import msgspec
body = msgspec.msgpack.encode(("RecorderFailed", {"a place of my own": 1}))
os.write(3, len(body).to_bytes(4, "little") + body)
"""
    assert counted.server.run(forged)["status"] == "crashed"

    assert not [name for name in counted.grown() if "recorder_failures" in name]


def test_who_watches_is_counted(counted: Counted) -> None:
    run = start(counted.server.client, "while True: pass")
    with run.watched() as events:
        until(events, "started")
        assert counted.grown()["gradfn_watchers"] == 1
        counted.server.client.delete(run.address)
        until(events, "finished")

    assert counted.grown()["gradfn_runs_total{stopped}"] == 1
    assert figures(counted.server)["gradfn_watchers"] == 0


def test_a_limit_that_is_reached_is_counted(counted: Counted) -> None:
    counted.server.run("while True: print('x' * 1000)")

    assert counted.grown()["gradfn_limits_total{output}"] == 1


def test_time_in_a_child_is_in_seconds(counted: Counted) -> None:
    document = counted.server.run("import time\ntime.sleep(0.3)")

    seconds = counted.grown()["gradfn_run_seconds_sum"]
    assert seconds == pytest.approx(document["timing"]["run_ms"] / 1e3)
    assert 0.3 < seconds < 5


def test_a_picture_asked_for_twice_is_laid_out_once(counted: Counted) -> None:
    for _ in range(2):
        drawn = counted.server.client.post("/api/v1/graph.svg", json={"code": SQUARE})
        assert drawn.status_code == 200, drawn.text

    grown = counted.grown()
    assert grown["gradfn_layouts_total{miss}"] == grown["gradfn_layout_seconds_count"] == 1
    assert grown["gradfn_layouts_total{hit}"] == 1
    assert grown["gradfn_layout_seconds_sum"] > 0


def test_answers_are_counted_by_status(counted: Counted) -> None:
    counted.server.client.get("/nowhere")
    counted.server.client.post("/api/v1/graph", json={})

    grown = counted.grown()
    assert grown["gradfn_answers_total{404}"] == grown["gradfn_answers_total{422}"] == 1


def test_children_that_wait_are_counted(start_server: Callable[..., Served]) -> None:
    server = start_server(GRADFN_READY_CHILDREN="3")
    while (ready := figures(server)["gradfn_ready_children"]) < 3:
        pass

    assert ready == 3


def test_the_process_and_what_runs_in_it_are_told(counting: Served) -> None:
    text = counting.client.get("/metrics").text

    assert 'gradfn_build_info{python="3.' in text
    assert "process_resident_memory_bytes" in text
    assert figures(counting)["gradfn_jail{seccomp}"] == 1
