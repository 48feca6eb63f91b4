"""The graph of a live run while it runs is what the program has then, when it is asked."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Serve, Served
from tests.live.streams import Run, start, until

FIT = """
import torch
torch.manual_seed(0)
lr = 0.01
x = torch.rand(6, 1)
y = 3 * x
w = torch.randn(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
while True:
    y_pred = w * x + b
    loss = ((y_pred - y) ** 2).mean()
    loss.backward()
    w.data.sub_(lr * w.grad)
    b.data.sub_(lr * b.grad)
    w.grad = b.grad = None
"""
IN_A_FUNCTION = """
import torch
w = torch.ones(3, requires_grad=True)
def train():
    for turn in range(10_000):
        error = (w * turn).sum()
        error.backward()
train()
"""
Json = dict[str, Any]


@pytest.fixture(scope="module")
def served(serve: Serve) -> Iterator[Served]:
    """A server that takes as many live runs as the tests leave behind."""
    with serve(GRADFN_LIVE_RUNS="40", GRADFN_CLIENT_LIVE_RUNS="40") as one:
        yield one


def named(document: Json) -> dict[str, Json]:
    """The tensors by name."""
    return {name: each for each in document["graph"]["tensors"] for name in each["names"]}


def value(run: Run, expression: str) -> Any:
    """What the program itself has there, as plain Python."""
    return ast.literal_eval(run.ask(expression)["repr"])


def test_where_a_run_holds_its_document_is_what_the_program_has_then(served: Served) -> None:
    run = start(served.client, FIT, paused=True)
    with run.watched() as events:
        until(events, "paused")
        run.order("step")
        until(events, "paused")
        for _ in range(3):
            run.order("step")
            until(events, "paused")
        for _ in range(3):  # past backward(), before the gradients are cleared
            run.order("step", by="line")
            until(events, "paused")
        document = run.document()

        assert document["status"] == "paused"
        tensors = named(document)
        for name in ("x", "y", "w", "b", "y_pred", "loss"):
            assert tensors[name]["value"]["data"] == value(run, f"{name}.flatten().tolist()"), name
        for name in ("w", "b"):
            assert tensors[name]["grad"]["data"] == value(run, f"{name}.grad.tolist()"), name
        names = {each["id"]: each["name"] for each in document["graph"]["functions"]}
        assert names[tensors["loss"]["grad_fn"]] == value(run, "loss.grad_fn.name()")
        variables = {each["name"]: each["repr"] for each in document["variables"]}
        assert variables["w"] == run.ask("w")["repr"]
        lines = {
            each["name"]: each["line"]
            for each in document["graph"]["functions"]
            if each["name"] != "AccumulateGrad"
        }
        assert lines["MulBackward0"] == lines["AddBackward0"] == 10
        assert lines["MeanBackward0"] == 11
    run.order("stop")


def test_while_it_runs_the_values_and_the_gradients_on_the_edges_move(served: Served) -> None:
    run = start(served.client, FIT, speed=200)
    with run.watched() as events:
        seen = until(events, "graph")
        document = run.document()
        first = until(events, "moved")
        second = until(events, "moved")

        assert document["status"] == "running"
        assert seen["functions"] == len(document["graph"]["functions"])
        assert first["shape"] == second["shape"] == seen["shape"]
        assert second["iteration"] > first["iteration"]
        ids = {name: each["id"] for name, each in named(document).items()}
        functions = {each["id"]: each for each in document["graph"]["functions"]}
        accumulator = next(id for id, each in functions.items() if each["variable"] == ids["w"])
        for moved in (first, second):
            passed = {each["function"]: each for each in moved["functions"]}
            assert set(passed) == set(functions)
            # What reached the leaf's AccumulateGrad is its gradient, for it had none before.
            arrived = passed[accumulator]["grad_outputs"][0]["data"]
            assert arrived == moved["tensors"][ids["w"]]["grad"]["data"]
            assert moved["root_values"] == [moved["tensors"][ids["loss"]]["value"]]
        assert first["tensors"][ids["w"]] != second["tensors"][ids["w"]]
        assert ids["x"] not in second["tensors"], "what cannot have moved is not sent again"
    run.order("stop")


def test_a_constant_that_is_changed_in_place_moves(served: Served) -> None:
    run = start(served.client, f"{FIT}    x += 1\n", speed=200)
    with run.watched() as events:
        until(events, "graph")
        ids = {name: each["id"] for name, each in named(run.document()).items()}
        until(events, "moved")  # after the first, all that is known to be as it was is left out
        first, second = until(events, "moved"), until(events, "moved")
    run.order("stop")

    turns = second["iteration"] - first["iteration"]
    before, after = (each["tensors"][ids["x"]]["value"]["data"] for each in (first, second))
    assert after == pytest.approx([number + turns for number in before])
    assert ids["y"] not in second["tensors"]


def test_names_of_the_function_that_trains_are_in_the_graph(served: Served) -> None:
    run = start(served.client, IN_A_FUNCTION, speed=100)
    with run.watched() as events:
        until(events, "graph")
        assert {"w", "error"} <= set(named(run.document()))
    run.order("stop")


def test_a_graph_that_looks_new_is_told_anew(served: Served) -> None:
    code = IN_A_FUNCTION.replace("(w * turn)", "(w * turn if turn < 20 else w.exp())")
    run = start(served.client, code, speed=20)
    with run.watched() as events:
        first, second = until(events, "graph"), until(events, "graph")
        names = {each["name"] for each in run.document()["graph"]["functions"]}

    assert second["shape"] == first["shape"] + 1
    assert "ExpBackward0" in names
    run.order("stop")


def test_where_it_holds_no_code_of_the_program_runs_to_show_it(served: Served) -> None:
    code = """
class Loud:
    def __repr__(self):
        print("asked")
        return "loud"
one = Loud()
many = [one, 1.5]
pass
"""
    run = start(served.client, code, paused=True)
    with run.watched() as events:
        for _ in range(4):
            until(events, "paused")
            run.order("step", by="line")
        until(events, "paused")
        document = run.document()
        run.order("stop")

    variables = {each["name"]: each["repr"] for each in document["variables"]}
    assert variables["one"] == "<Loud>"
    assert variables["many"] == "[<Loud>, 1.5]"
    assert document["stdout"] == ""


def test_a_run_is_not_blamed_for_what_it_has_not_done_yet(served: Served) -> None:
    run = start(served.client, FIT, paused=True)
    with run.watched() as events:
        until(events, "paused")
        run.order("step")
        until(events, "paused")
        assert run.document()["diagnostics"] == []
    run.order("stop")


def test_a_child_that_dies_leaves_the_graph_that_was_seen(served: Served) -> None:
    code = FIT.replace("    w.grad = b.grad = None", "    w.grad = b.grad = None\n    die()")
    code = "import ctypes\nturns = 0\ndef die():\n    global turns\n    turns += 1\n" + (
        "    if turns == 40: ctypes.string_at(0)\n" + code
    )
    run = start(served.client, code, speed=50)
    heard = run.heard()
    document = run.document()

    assert heard[-1].value["status"] == document["status"] == "crashed"
    assert {"w", "b", "loss"} <= set(named(document))
    assert document["graph"]["functions"]
