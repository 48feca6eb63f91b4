"""Live runs through a real server: they stream, hold, take orders and answer."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Serve, Served
from tests.live.streams import curve, start, until

FOREVER = """
import torch
lr = 0.1
turns = 3
w = torch.tensor([4.0], requires_grad=True)
while True:
    loss = (w ** 2).sum()
    loss.backward()
    w.data.sub_(lr * w.grad)
    w.grad.zero_()
"""


@pytest.fixture(scope="module")
def served(serve: Serve) -> Iterator[Served]:
    """A server that takes as many live runs as the tests leave behind."""
    with serve(GRADFN_LIVE_RUNS="40", GRADFN_CLIENT_LIVE_RUNS="40") as one:
        yield one


def test_linear_regression_streams_to_its_end_with_the_figures_of_the_article(
    served: Served,
) -> None:
    heard = start(served.client, example="linear-regression", speed=0).heard()

    losses = curve(heard)
    assert [round(losses[nr], 4) for nr in (0, 20, 40, 60, 80)] == [
        7.1647,
        1.4863,
        1.2799,
        1.1152,
        0.9837,
    ]
    assert len(losses) == 81
    states = [event.value for event in heard if event.name == "state"]
    assert states[0]["iteration"] == 0
    assert states[-1]["iteration"] == 80
    assert set(states[-1]["parameters"]) == {"w", "b"}
    assert states[-1]["root"] == {"name": "loss", "value": pytest.approx(0.983663917)}
    assert heard[0].name == "started"
    assert (heard[-1].name, heard[-1].value["status"]) == ("finished", "finished")
    assert sum(event.name == "figure" for event in heard) == 5
    ids = [int(event.id.partition("-")[2]) for event in heard if event.id]
    assert ids == sorted(set(ids))


def test_the_document_of_a_live_run_is_that_of_a_plain_run(served: Served) -> None:
    code = next(Path("app/gradfn/examples").glob("31_*")).read_text()
    run = start(served.client, code, speed=0)
    run.heard()

    live, plain = run.document(), served.run(code, steps=True)

    assert live["stdout"] == plain["stdout"]
    assert live["graph"] == plain["graph"]
    assert live["variables"] == plain["variables"]
    assert live["backward"] == plain["backward"]


def test_it_holds_steps_and_takes_a_new_learning_rate(served: Served) -> None:
    run = start(served.client, FOREVER, paused=True)
    with run.watched() as events:
        assert until(events, "paused") == {"line": 2, "iteration": None, "asks": False}
        run.order("step", by="line")
        assert until(events, "paused")["line"] == 3
        run.order("step")
        assert until(events, "paused") == {"line": 7, "iteration": None, "asks": False}
        run.order("step")
        assert until(events, "paused")["iteration"] == 0
        run.order("step")
        held = until(events, "paused")
        assert held == {"line": 7, "iteration": 1, "asks": False}
        before = run.ask("w.item()")["repr"]
        assert run.order("set", controls={"lr": 0.25}).status_code == 202
        run.order("step")
        assert until(events, "paused")["iteration"] == 2
        # w ← w − lr · 2w, with the new lr
        assert float(run.ask("w.item()")["repr"]) == pytest.approx(float(before) * 0.5)
        assert run.order("stop").status_code == 202
        assert until(events, "finished")["status"] == "stopped"
    document = run.document()
    assert document["status"] == "stopped"
    assert document["error"] is None
    assert [f["name"] for f in document["graph"]["functions"]] == [
        "SumBackward0",
        "PowBackward0",
        "AccumulateGrad",
    ]


def test_a_run_that_holds_shows_its_graph_its_values_and_the_gradients_of_its_last_pass(
    served: Served,
) -> None:
    run = start(served.client, FOREVER, paused=True)
    with run.watched() as events:
        until(events, "paused")
        run.order("step")
        until(events, "paused")
        for _ in range(2):  # the pass of the first one is over, w = 4 - 0.1 * 8
            run.order("step")
            until(events, "paused")
        document = run.document()
        run.order("stop")
    assert document["status"] == "paused"
    functions = {each["id"]: each["name"] for each in document["graph"]["functions"]}
    assert list(functions.values()) == ["SumBackward0", "PowBackward0", "AccumulateGrad"]
    values = {name: each for each in document["graph"]["tensors"] for name in each["names"]}
    assert values["w"]["value"]["data"] == pytest.approx([4 * 0.8 * 0.8])
    assert values["loss"]["value"]["data"] == pytest.approx([(4 * 0.8) ** 2])
    (last,) = document["backward"]
    arrived = {functions[each["function"]]: each["grad_outputs"] for each in last["functions"]}
    assert arrived["SumBackward0"][0]["data"] == [1.0]
    assert arrived["AccumulateGrad"][0]["data"] == pytest.approx([2 * 4 * 0.8])
    variables = {each["name"]: each["repr"] for each in document["variables"]}
    assert variables["lr"] == "0.1"


def test_a_run_is_seen_as_it_stands_while_it_runs(served: Served) -> None:
    run = start(served.client, FOREVER)
    with run.watched() as events:
        assert until(events, "graph")["functions"] == 3
        document = run.client.get(run.address, params={"picture": True, "figures": False}).json()
        run.order("stop")
    assert document["status"] == "running"
    assert len(document["graph"]["functions"]) == 3
    assert "SumBackward0" in document["picture"]["svg"]


def test_a_long_loop_holds_and_uses_no_processor_meanwhile(served: Served) -> None:
    run = start(served.client, FOREVER)
    with run.watched() as events:
        until(events, "state")
        run.order("pause")
        until(events, "paused")
        before = float(run.ask("__import__('time').process_time()")["repr"])
        time.sleep(0.5)
        after = float(run.ask("__import__('time').process_time()")["repr"])
        assert after - before < 0.1
        assert run.document()["status"] == "paused"
        run.order("resume")
        until(events, "resumed")
        until(events, "state")
    run.order("stop")


def test_no_point_of_the_loss_is_missing_in_a_fast_loop(served: Served) -> None:
    code = FOREVER.replace("while True", "for _ in range(3000)").replace("lr = 0.1", "lr = 1e-4")
    losses = curve(start(served.client, code).heard())

    w, expected = 4.0, []
    for _ in range(3000):
        expected.append(w * w)
        w -= 1e-4 * 2 * w
    assert losses == pytest.approx(expected, rel=1e-3)


def test_of_an_animation_no_more_frames_are_drawn_than_are_seen_but_the_last(
    served: Served,
) -> None:
    code = """
import matplotlib.pyplot as plt
for i in range(40):
    plt.cla()
    plt.title(f"frame {i}")
    plt.pause(0.005)
"""
    heard = start(served.client, code).heard()

    shown = [event.value for event in heard if event.name == "figure"]
    assert 2 <= len(shown) < 40
    assert {figure["line"] for figure in shown} == {6}
    assert "<!-- frame 0 -->" in shown[0]["data"]
    assert "<!-- frame 39 -->" in shown[-1]["data"]


def test_who_comes_back_misses_nothing(served: Served) -> None:
    run = start(served.client, FOREVER.replace("while True", "for _ in range(500)"), speed=250)
    early = []
    with run.watched() as events, run.watched() as others:
        for event in events:
            early.append(event)
            if event.name == "state" and event.value["iteration"] > 50:
                break
        # It goes on while this client is away, as another one sees.
        while until(others, "state")["iteration"] < early[-1].value["iteration"] + 100:
            pass
    later = run.heard(early[-1].id)

    [first, *_] = [event.value for event in later if event.name == "curve"]
    assert first["first"] <= len(curve(early))
    assert first["first"] + len(first["values"]) > len(curve(early)) + 50
    assert curve([*early, *later]) == curve(run.heard())
    assert len(curve([*early, *later])) == 500
    assert later[-1].name == "finished"
    assert not {event.id for event in early if event.id} & {e.id for e in later if e.id}


def test_after_the_last_event_a_client_is_told_not_to_come_back(served: Served) -> None:
    run = start(served.client, "1 + 1")
    last = run.heard()[-1].id or ""

    again = served.client.get(f"{run.address}/events", headers={"Last-Event-ID": last})

    assert again.status_code == 204


@pytest.mark.parametrize("wrong", ["1-1", "x", "9" * 40, "-", "7-999999999999999999"])
def test_an_id_of_another_run_or_of_the_future_begins_anew(served: Served, wrong: str) -> None:
    run = start(served.client, "1 + 1")
    heard = run.heard(wrong)

    assert [event.name for event in heard][:2] == ["reset", "started"]
    assert heard[-1].name == "finished"


def test_optimisers_are_controls_and_a_name_given_to_one_moves_it(served: Served) -> None:
    code = """
import torch
rate = 0.5
w = torch.ones(1, requires_grad=True)
opt = torch.optim.SGD([w], lr=rate, momentum=0.25)
while True:
    opt.zero_grad()
    (w * w).sum().backward()
    opt.step()
"""
    run = start(served.client, code)
    with run.watched() as events:
        found = until(events, "controls")
        while len(found["controls"]) < 2:
            found = until(events, "controls")
        names = {each["name"]: each["value"] for each in found["controls"]}
        assert names["rate"] == 0.5
        assert names["opt.momentum"] == 0.25
        assert "opt.lr" not in names
        run.order("set", controls={"rate": 0.125, "opt.momentum": 0.0})
        until(events, "controls")
        run.order("pause")
        until(events, "paused")
        assert run.ask("opt.param_groups[0]['lr'], opt.param_groups[0]['momentum'], rate")[
            "repr"
        ] == ("(0.125, 0.0, 0.125)")
    run.order("stop")


def test_a_run_begins_with_the_controls_it_is_given(served: Served) -> None:
    run = start(served.client, "n = 3\nprint(n * 2)", controls={"n": 5, "m": 1})
    run.heard()

    document = run.document()
    assert document["stdout"] == "10\n"
    assert [each["title"] for each in document["diagnostics"]] == ["NoSuchControl"]


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("w.grad", "tensor([8.])"),
        ("loss.item()", "16.0"),
        ("[w.is_leaf, lr]", "[True, 0.1]"),
        ("None", ""),
    ],
)
def test_an_ended_run_answers_as_python_would(served: Served, expression: str, shown: str) -> None:
    code = FOREVER.replace("while True", "for _ in range(1)").replace("    w.grad.zero_()\n", "")
    run = start(served.client, code)
    run.heard()

    assert run.ask(expression) == {"repr": shown, "error": None, "stdout": "", "graph": None}


def test_a_control_that_is_set_before_its_line_has_run_keeps_that_value(served: Served) -> None:
    code = "rate = 0.5\nturns = 2\nprint(rate, turns)\nfor _ in range(2):\n    print(rate, turns)"
    run = start(served.client, code, paused=True)
    with run.watched() as events:
        until(events, "paused")
        assert run.order("set", controls={"rate": 2, "turns": 3.0}).status_code == 202
        told = until(events, "controls")["controls"]
        assert [(each["name"], each["kind"], each["value"]) for each in told] == [
            ("rate", "float", 2.0),
            ("turns", "int", 3),
        ]
        assert run.ask("rate")["error"]["type"] == "NameError"
        assert run.order("set", controls={"turns": 2.5}).status_code == 422
        run.order("resume")
        until(events, "finished")
    assert run.document()["stdout"] == "2.0 3\n" * 3


def test_a_control_begins_with_a_value_of_its_kind_or_with_its_own(served: Served) -> None:
    code = "rate = 0.5\nturns = 2\nprint(rate, turns)"
    run = start(served.client, code, controls={"rate": 1, "turns": 2.5})
    run.heard()

    document = run.document()
    assert document["stdout"] == "1.0 2\n"
    assert ["turns" in each["why"] for each in document["diagnostics"]] == [True]


def test_an_optimiser_takes_a_fraction_where_the_program_wrote_an_integer(served: Served) -> None:
    code = """
import torch
momentum = 0
w = torch.ones(1, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1, momentum=momentum)
"""
    run = start(served.client, code, controls={"momentum": 0.5})
    run.heard()

    assert run.ask("opt.param_groups[0]['momentum']")["repr"] == "0.5"


@pytest.mark.parametrize("extra", [{"controls": {"lr": 1}}, {"speed": 5}])
def test_only_set_sets(served: Served, extra: dict[str, object]) -> None:
    run = start(served.client, FOREVER)
    with run.watched() as events:
        until(events, "state")
        assert run.order("pause", **extra).status_code == 422
        run.order("stop")


def test_an_answer_brings_its_graph_and_an_error_is_data(served: Served) -> None:
    run = start(served.client, FOREVER.replace("while True", "for _ in range(1)"))
    run.heard()

    names = [each["name"] for each in run.ask("(w * 2).exp()")["graph"]["functions"]]
    assert names == ["ExpBackward0", "MulBackward0", "AccumulateGrad"]
    assert run.ask("1 / 0")["error"] == {"type": "ZeroDivisionError", "message": "division by zero"}
    assert run.ask("w =")["error"]["type"] == "SyntaxError"
    assert run.ask("print('hi')")["stdout"] == "hi\n"
    assert run.ask("__import__('os').open('/etc/passwd', 0)")["error"]["type"] == "PermissionError"


def test_an_answer_that_takes_for_ever_is_given_up(served: Served) -> None:
    run = start(served.client, "1")
    run.heard()

    assert run.ask("sum(1 for _ in iter(int, 1))")["error"]["type"] == "TimeoutError"
    assert run.ask("2 + 2")["repr"] == "4"


def test_a_run_that_pretends_to_hold_and_does_not_answer_is_ended_and_told_why(
    served: Served,
) -> None:
    imports = "from gradfn.events.live import Paused\nfrom gradfn.events.wire import encode"
    forged = f"import os, time\n{imports}"
    run = start(
        served.client, f"{forged}\nos.write(3, encode(Paused(1, 1, False)))\ntime.sleep(60)"
    )
    with run.watched() as events:
        until(events, "paused")
        asked = served.client.post(f"{run.address}/evaluate", json={"expression": "1"})
        ended = until(events, "finished")

    assert asked.status_code == 409
    assert ended["error"]["limit"] == "time"
    assert ended["error"]["message"] == "An expression took longer than 5 s."


def test_looking_on_changes_nothing(served: Served) -> None:
    """A field is computed beside the program; numbers, prints and random numbers stay its own."""
    code = """
import torch
from torch import nn
calls = 0
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Linear(2, 8)
        self.two = nn.Linear(8, 1)
        self.drop = nn.Dropout(0.5)
        self.calls = 0
    def forward(self, x):
        self.calls += 1
        print(end="." if x.shape[0] == 6 else "!")
        return self.two(self.drop(torch.tanh(self.one(x)))).squeeze(1)
x = torch.randn(6, 2)
y = torch.tensor([0., 1., 0., 1., 1., 0.])
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.1)
for _ in range(200):
    loss = nn.functional.binary_cross_entropy_with_logits(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(loss.item(), torch.rand(3), net.calls)
"""
    run = start(served.client, code, options={"seed": 3})
    heard = run.heard()

    assert run.document()["stdout"] == served.run(code, seed=3)["stdout"]
    views = [event.value for event in heard if event.name == "views"][-1]["views"]
    assert [view["kind"] for view in views] == ["classes"]
    last = [event.value for event in heard if event.name == "state"][-1]
    assert len(last["views"]["0"]["cells"]) >= 1_024


def test_a_child_that_dies_says_so_in_the_last_event(served: Served) -> None:
    heard = start(served.client, "import os\nprint(1, flush=True)\nos._exit(3)").heard()

    assert heard[-1].value["status"] == "crashed"
    assert "exit code 3" in heard[-1].value["error"]["message"]
    assert [event.value for event in heard if event.name == "stdout"] == [{"text": "1\n"}]


def test_a_swallowed_stop_stops_all_the_same(served: Served) -> None:
    code = "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass"
    run = start(served.client, code)
    with run.watched() as events:
        until(events, "started")
        run.order("stop")
        assert until(events, "finished")["status"] == "stopped"


def test_an_error_of_the_program_is_in_the_last_event(served: Served) -> None:
    heard = start(served.client, "import torch\ntorch.ones(2) @ torch.ones(3)").heard()

    assert heard[-1].value["status"] == "raised"
    assert heard[-1].value["error"]["line"] == 2


def test_what_is_not_there_is_404_and_what_does_not_fit_409(served: Served) -> None:
    client = served.client
    for method, path in (
        ("GET", ""),
        ("GET", "/events"),
        ("DELETE", ""),
    ):
        assert client.request(method, f"/api/v1/runs/none{path}").status_code == 404
    assert client.post("/api/v1/runs/none/commands", json={"command": "stop"}).status_code == 404
    assert client.post("/api/v1/runs", json={"example": "none"}).status_code == 404
    run = start(client, FOREVER)
    with run.watched() as events:
        until(events, "state")
        assert run.order("resume").status_code == 409
        assert run.order("step").status_code == 409
        busy = client.post(f"{run.address}/evaluate", json={"expression": "1"})
        assert busy.status_code == 409
        run.order("pause")
        until(events, "paused")
        assert run.order("pause").status_code == 409
        run.order("stop")
        until(events, "finished")
    assert run.order("stop").status_code == 409
    assert client.delete(run.address).status_code == 204
    assert client.get(run.address).status_code == 404


READS = """
import sys, threading
name = input("name? ")
found = []
thread = threading.Thread(target=lambda: found.append(sys.stdin.readline()))
thread.start()
thread.join()
rest = sys.stdin.read()
print([name, found, rest])
try:
    input()
except EOFError as error:
    print(error)
"""


def test_a_live_run_waits_for_the_lines_that_it_reads(served: Served) -> None:
    run = start(served.client, READS)
    with run.watched() as events:
        assert until(events, "paused") == {"line": 3, "iteration": None, "asks": True}
        assert run.ask("input()")["error"] is not None  # who is asked already is not asked again
        assert run.order("resume").status_code == 409
        assert run.order("step").status_code == 409
        assert run.document()["status"] == "paused"
        assert run.order("enter", text="Ada ∂").status_code == 202
        assert until(events, "paused")["line"] == 8
        assert run.order("enter", text="two").status_code == 202
        assert until(events, "paused")["line"] == 8
        assert run.order("enter").status_code == 202
        assert until(events, "paused")["line"] == 11
        assert run.order("enter").status_code == 202
        until(events, "finished")
    echoed = "name? Ada ∂\ntwo\n['Ada ∂', [''], 'two\\n']\nEOF when reading a line\n"
    assert run.document()["stdout"] == echoed
    assert run.order("enter", text="late").status_code == 409


def test_a_run_that_waits_for_input_can_be_stopped(served: Served) -> None:
    run = start(served.client, "while True:\n    try:\n        input()\n    except: pass")
    with run.watched() as events:
        until(events, "paused")
        assert run.order("enter", text="x" * 2_001).status_code == 422
        run.order("stop")
        assert until(events, "finished")["status"] == "stopped"


def test_a_run_that_reads_nothing_takes_no_line(served: Served) -> None:
    run = start(served.client, FOREVER)
    with run.watched() as events:
        until(events, "state")
        assert run.order("enter", text="a").status_code == 409
        run.order("stop")
        until(events, "finished")


def test_who_watches_a_run_that_is_deleted_is_told_of_its_end(served: Served) -> None:
    run = start(served.client, FOREVER)
    with run.watched() as events:
        until(events, "state")
        assert served.client.delete(run.address).status_code == 204
        assert until(events, "finished")["status"] == "stopped"


@pytest.mark.parametrize(
    "controls",
    [{"none": 1}, {"turns": 1.5}, {"lr": "x"}, {"lr": None}, {"lr": True}, {"lr": 1e300}],
)
def test_a_value_that_a_control_does_not_take_is_422(
    served: Served, controls: dict[str, object]
) -> None:
    run = start(served.client, FOREVER, paused=True)
    with run.watched() as events:
        until(events, "paused")
        answer = run.order("set", controls=controls)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        run.order("stop")


def test_not_a_number_is_no_value(served: Served) -> None:
    run = start(served.client, FOREVER, paused=True)
    body = '{"command": "set", "controls": {"lr": NaN}}'
    headers = {"Content-Type": "application/json"}

    answer = served.client.post(f"{run.address}/commands", content=body, headers=headers)

    assert answer.status_code in (400, 422)
    run.order("stop")


def test_a_client_has_so_many_runs_that_have_not_ended(serve: Serve) -> None:
    with serve(GRADFN_CLIENT_LIVE_RUNS="1", GRADFN_LIVE_RUNS="2") as served:
        first = start(served.client, FOREVER)
        refused = served.client.post("/api/v1/runs", json={"code": FOREVER})
        assert refused.status_code == 429
        assert refused.headers["Retry-After"]
        with first.watched() as events:
            until(events, "state")
            first.order("stop")
            until(events, "finished")
        second = start(served.client, "2")
        second.heard()
        third = start(served.client, "3")  # the first has ended, and makes room
        third.heard()
        assert served.client.get(first.address).status_code == 404
        assert second.ask("1")["repr"] == "1"


def test_a_run_that_nobody_watches_is_stopped_and_then_forgotten(serve: Serve) -> None:
    with serve(GRADFN_LIVE_ALONE_SECONDS="1", GRADFN_LIVE_KEPT_SECONDS="2") as served:
        run = start(served.client, FOREVER)
        seen = set()
        deadline = time.monotonic() + 30
        while (answer := served.client.get(run.address)).status_code == 200:
            seen.add(answer.json()["status"])
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert seen == {"running", "stopped"}


def test_told_to_end_a_server_stops_live_runs_and_says_so(serve: Serve) -> None:
    with serve(GRADFN_DRAIN_SECONDS="3") as served:
        run = start(served.client, FOREVER)
        with run.watched() as events:
            until(events, "state")
            served.process.terminate()
            assert until(events, "finished")["status"] == "stopped"
