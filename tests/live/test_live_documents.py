"""The run document of a live run is made once for each state, whoever reads it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Serve, Served
from tests.live.streams import start, until

PROGRAM = """
import torch
w = torch.tensor([4.0], requires_grad=True)
while True:
    loss = (w ** 2).sum()
    loss.backward()
    w.data.sub_(0.1 * w.grad)
    w.grad.zero_()
"""
READERS = 12


@pytest.fixture(scope="module")
def served(serve: Serve) -> Iterator[Served]:
    """A server on which nobody else has pictures drawn."""
    with serve() as one:
        yield one


def pictures_drawn(served: Served) -> float:
    """Each document that is asked for with its picture counts one, whether laid out or kept."""
    lines = served.client.get("/metrics").text.splitlines()
    return sum(
        float(line.split()[-1]) for line in lines if line.startswith("gradfn_layouts_total{")
    )


def test_readers_at_once_share_one_document_and_a_change_makes_another(served: Served) -> None:
    run = start(served.client, PROGRAM, paused=True)
    with run.watched() as events, ThreadPoolExecutor(READERS) as pool:

        def read(_: int) -> bytes:
            return served.client.get(run.address, params={"picture": "true"}).content

        until(events, "paused")
        documents = []
        for _ in range(3):
            run.order("step")
            until(events, "paused")
            before = pictures_drawn(served)
            shared = set(pool.map(read, range(READERS)))
            assert len(shared) == 1
            assert pictures_drawn(served) - before == 1
            documents.append(shared.pop())
        assert len(set(documents)) == 3
        run.order("stop")
        until(events, "finished")
    assert run.document()["status"] == "stopped"


def test_a_form_of_the_document_is_not_answered_with_another(served: Served) -> None:
    run = start(served.client, PROGRAM, paused=True)
    with run.watched() as events:
        until(events, "paused")
        plain = served.client.get(run.address).json()
        drawn = served.client.get(run.address, params={"picture": "true"}).json()
        run.order("stop")
    assert plain["picture"] is None
    assert drawn["picture"]["svg"].startswith("<")
