"""What the recorder says is what plain PyTorch says: lines, values, gradients, what was kept."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Served
from tests.recorder.recorded.programs import LEAVES, PROGRAMS

Json = Any
ORACLE = Path(__file__).parent / "recorded" / "oracle.py"


@pytest.fixture(scope="module")
def oracle() -> Json:
    """What plain PyTorch says of all the programs."""
    programs = {name: LEAVES + code for name, code in PROGRAMS.items()}
    done = subprocess.run(
        [sys.executable, str(ORACLE)],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_function_has_the_line_and_the_stack_that_made_it(
    name: str, oracle: Json, server: Served
) -> None:
    document = server.run(LEAVES + PROGRAMS[name], roots=["loss"], seed=0)

    assert document["status"] == "finished", document["error"]
    functions = document["graph"]["functions"]
    found = oracle[name]
    assert [each["name"] for each in functions] == found["kinds"]
    for function, stack in zip(functions, found["stacks"], strict=True):
        told = [[frame["function"], frame["line"]] for frame in function["stack"]]
        assert told == (stack or []), function["name"]
        assert function["line"] == (stack[-1][1] if stack else None)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_pass_is_told_in_the_engines_order_with_the_gradients_on_every_edge(
    name: str, oracle: Json, server: Served
) -> None:
    code = LEAVES + PROGRAMS[name] + "\nif loss.numel() == 1: loss.backward()"
    document = server.run(code, roots=["loss"], seed=0)

    assert document["status"] == "finished", document["error"]
    if not oracle[name]["ran"]:
        return
    place = {each["id"]: at for at, each in enumerate(document["graph"]["functions"])}
    (loss,) = [each["id"] for each in document["graph"]["tensors"] if "loss" in each["names"]]
    passed = next(each for each in document["backward"] if loss in each["roots"])["functions"]
    assert [
        [
            place[each["function"]],
            [value and value["data"] for value in each["grad_inputs"]],
            [value and value["data"] for value in each["grad_outputs"]],
        ]
        for each in passed
    ] == [
        [at, [flat(grad) for grad in inputs], [flat(grad) for grad in outputs]]
        for at, inputs, outputs in oracle[name]["ran"]
    ]


def flat(grad: Json) -> Json:
    """The oracle's nested list in a list, as its elements."""
    if grad is None:
        return None
    elements = grad
    while any(isinstance(each, list) for each in elements):
        elements = [
            part for each in elements for part in (each if isinstance(each, list) else [each])
        ]
    return elements


def run(server: Served, code: str, **options: Any) -> Json:
    document = server.run(LEAVES + code, steps=True, seed=0, **options)
    assert document["status"] in ("finished", "raised"), document["error"]
    return document


def named(document: Json, name: str) -> Json:
    (found,) = [each for each in document["graph"]["tensors"] if name in each["names"]]
    return found


def made_by(document: Json, name: str) -> Json:
    functions = {each["id"]: each for each in document["graph"]["functions"]}
    return functions[named(document, name)["grad_fn"]]


def data(document: Json, tensor: str) -> Json:
    (found,) = [each for each in document["graph"]["tensors"] if each["id"] == tensor]
    return found["value"]["data"]


def test_unnamed_intermediates_have_their_values(server: Served) -> None:
    document = run(server, "y = 2 * x + 5")
    add = made_by(document, "y")
    product = add["inputs"][0]["tensor"]
    assert data(document, product) == [2.0, 4.0]
    assert data(document, named(document, "y")["id"]) == [7.0, 9.0]


def test_a_later_change_in_place_does_not_alter_what_was_there_before(server: Served) -> None:
    document = run(server, "y = x * w\nz = y + 1\ny.mul_(10)\nwith torch.no_grad(): x.add_(100)")
    assert data(document, made_by(document, "z")["inputs"][0]["tensor"]) == [3.0, 8.0]
    product = made_by(document, "z")["next_functions"][0]["function"]
    (mul,) = [f for f in document["graph"]["functions"] if f["id"] == product]
    assert [data(document, each["tensor"]) for each in mul["inputs"]] == [[1.0, 2.0], [3.0, 4.0]]
    assert named(document, "y")["value"]["data"] == [30.0, 80.0]
    assert named(document, "x")["value"]["data"] == [101.0, 102.0]


INPUTS = {
    "y = 2 * x": [("self", [1.0, 2.0]), ("other", 2)],
    "y = x - 3.5": [("self", [1.0, 2.0]), ("other", 3.5), ("alpha", 1)],
    "y = x / torch.tensor([2.0, 4.0])": [("self", [1.0, 2.0]), ("other", [2.0, 4.0])],
    "y = x ** 3": [("self", [1.0, 2.0]), ("exponent", 3)],
    "y = torch.add(x, w, alpha=2)": [("self", [1.0, 2.0]), ("other", [3.0, 4.0]), ("alpha", 2)],
    "y = x.sum(dim=0, keepdim=True)": [
        ("self", [1.0, 2.0]),
        ("dim", "[0]"),
        ("keepdim", True),
    ],
    "y = torch.stack([x, w, torch.zeros(2)], dim=1)": [
        ("tensors[0]", [1.0, 2.0]),
        ("tensors[1]", [3.0, 4.0]),
        ("tensors[2]", [0.0, 0.0]),
        ("dim", 1),
    ],
    "y = torch.clamp(x, min=1.5)": [("self", [1.0, 2.0]), ("min", 1.5)],
    "y = x.clone(); y *= w": [("self", [1.0, 2.0]), ("other", [3.0, 4.0])],
}


@pytest.mark.parametrize("code", INPUTS)
def test_the_inputs_of_an_operation_have_their_names_constants_too(
    code: str, server: Served
) -> None:
    document = run(server, code)
    told = [
        (each["argument"], data(document, each["tensor"]) if each["tensor"] else each["value"])
        for each in made_by(document, "y")["inputs"]
    ]
    assert told == INPUTS[code]


OPS = {
    "y = x * w": "aten::mul.Tensor",
    "y = x ** 2": "aten::pow.Tensor_Scalar",
    "y = x * 1; y *= 2": "aten::mul_.Tensor",
    "y = (x * 1).sub_(w)": "aten::sub_.Tensor",
    "y = x.mean()": "aten::mean",
    "y = torch.nn.functional.softmax(x, dim=0)": "aten::_softmax",
}


@pytest.mark.parametrize("code", OPS)
def test_the_operation_has_the_dispatchers_name(code: str, server: Served) -> None:
    assert made_by(run(server, code), "y")["op"] == OPS[code]


def test_every_op_told_is_one_that_torch_has(server: Served) -> None:
    import torch

    for code in PROGRAMS.values():
        for function in run(server, code)["graph"]["functions"]:
            if function["op"] is not None:
                name, _, overload = function["op"].removeprefix("aten::").partition(".")
                assert overload or "default" in getattr(torch.ops.aten, name).overloads()
                assert not overload or overload in getattr(torch.ops.aten, name).overloads()


def test_the_module_is_the_path_that_leads_to_it(server: Served) -> None:
    document = run(
        server,
        """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    def forward(self, a):
        return self.features(a) * 2
net = Net()
y = net(x).sum()
""",
    )
    modules = {each["name"]: each["module"] for each in document["graph"]["functions"]}
    linear = "AddmmBackward0" if "AddmmBackward0" in modules else "AddBackward0"
    assert modules[linear] == "net.features.0"
    assert modules["TanhBackward0"] == "net.features.1"
    assert modules["MulBackward0"] == "net"
    assert modules["SumBackward0"] == ""


def test_saved_tensors_are_told_and_freed_ones_marked(server: Served) -> None:
    document = run(server, "y = x.exp()\nz = (y * w).sum()\nz.backward()\nk = x.sin()")
    exp, sin = made_by(document, "y"), made_by(document, "k")
    assert [(each["name"], each["tensor"], each["freed"]) for each in exp["saved"]] == [
        ("result", named(document, "y")["id"], True)
    ]
    assert [(each["name"], each["tensor"], each["freed"]) for each in sin["saved"]] == [
        ("self", named(document, "x")["id"], False)
    ]


def test_what_only_a_function_has_is_read_before_it_is_freed(server: Served) -> None:
    document = run(
        server,
        """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a, a * 2)
        return a * a
    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.saved_tensors[1]
y = Square.apply(x) * 3
z = (y * torch.nn.functional.dropout(w)).max(dim=0)[0]
before = {"mask": z.grad_fn.next_functions[0][0].next_functions[1][0]._saved_other.tolist()}
z.backward()
""",
    )
    functions = {each["name"]: each for each in document["graph"]["functions"]}
    kept = {each["name"]: each for each in functions["SquareBackward"]["saved"]}
    assert kept["saved_tensors[0]"]["tensor"] == named(document, "x")["id"]
    assert data(document, kept["saved_tensors[1]"]["tensor"]) == [2.0, 4.0]
    (indices,) = [each for each in functions["MaxBackward0"]["saved"] if each["name"] == "indices"]
    assert data(document, indices["tensor"]) in (0, [0], [1])
    (dropout,) = [
        each
        for each in document["graph"]["functions"]
        if each["name"] == "MulBackward0" and each["span"]["column"] == 9
    ]
    mask = {each["argument"]: each["tensor"] for each in dropout["inputs"]}["other"]
    (variable,) = [each for each in document["variables"] if each["name"] == "before"]
    assert variable["repr"] == repr({"mask": data(document, mask)})
    number = made_by(document, "y")
    assert {"name": "other", "value": 3} in [
        {"name": each["name"], "value": each["value"]} for each in number["saved"]
    ]
    for function in (functions["SquareBackward"], functions["MaxBackward0"], dropout):
        assert any(each["freed"] for each in function["saved"]), function


def test_the_inside_of_a_network_has_its_values(server: Served) -> None:
    document = run(
        server,
        """
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
given = torch.ones(4, 2)
y = net(given).sum()
y.backward()
hidden = torch.nn.Sequential(*net[:2])(given).detach().flatten().tolist()
""",
    )
    (tanh,) = [each for each in document["graph"]["functions"] if each["name"] == "TanhBackward0"]
    (variable,) = [each for each in document["variables"] if each["name"] == "hidden"]
    assert variable["repr"] == repr(data(document, tanh["outputs"][0]))
    (first,) = [
        each
        for each in document["graph"]["functions"]
        if each["module"] == "net.0" and each["name"] == "AddmmBackward0"
    ]
    inputs = {each["argument"]: each["tensor"] for each in first["inputs"]}
    assert inputs["mat1"] == named(document, "given")["id"]


CUTS = {
    "z = y.detach()": "detach",
    "z = y.data": "data",
    "with torch.no_grad(): z = y * 2": "no_grad",
    "with torch.inference_mode(): z = y * 2": "inference_mode",
    "z = y.sum().item()": "number",
    "z = float(y[0])": "number",
    "import math; z = math.sqrt(y[0])": "number",
    "z = y.tolist()": "number",
    "z = y.clone().detach_(); z = z * 2": "detach",
    "z = 0 < y[0] < 9": "dtype",
    "z = y.eq(3)": "dtype",
    "z = torch.tensor(y)": "new_tensor",
    "z = torch.tensor([y[0], y[1]])": "new_tensor",
    "z = y > 3": "dtype",
    "z = y.long()": "dtype",
    "z = y.argmax()": "no_derivative",
}


@pytest.mark.parametrize("code", CUTS)
def test_where_a_history_ends_is_told_with_the_reason_and_what_lost_it(
    code: str, server: Served
) -> None:
    document = run(server, f"y = x * w\n{code}")
    cuts = document["cuts"]
    assert [each["reason"] for each in cuts] == [CUTS[code]]
    (cut,) = cuts
    assert cut["span"]["line"] == 6
    # Of `y[0]` and `y.clone()`, which are gone, y is the nearest before them that is there.
    lost = named(document, "y")
    assert (cut["tensor"], cut["function"]) == (lost["id"], lost["grad_fn"])


NO_CUTS = [
    "z = torch.zeros_like(y)",
    "z = y.shape",
    "z = len(y)",
    "z = y.sum()",
    "z = y.grad_fn",
    "log = lambda t: print(t); log(y)",
]


@pytest.mark.parametrize("code", NO_CUTS)
def test_what_takes_no_value_from_a_history_is_no_cut(code: str, server: Served) -> None:
    assert run(server, f"y = x * w\n{code}")["cuts"] == []


def test_an_in_place_error_can_name_who_changed_and_who_had_kept(server: Served) -> None:
    document = run(server, "y = x.exp()\nz = y.sum()\ny.add_(1)\nz.backward()")
    assert document["status"] == "raised"
    (change,) = document["in_place"]
    assert (change["span"]["line"], change["version_before"], change["version"]) == (7, 0, 1)
    functions = {each["id"]: each["name"] for each in document["graph"]["functions"]}
    assert [functions[each] for each in change["saved_by"]] == ["ExpBackward0"]


def test_training_is_told_with_what_it_changed(server: Served) -> None:
    document = run(
        server,
        """
optimizer = torch.optim.SGD([x], lr=0.5)
(x * w).sum().backward()
optimizer.step()
optimizer.zero_grad()
w.data.mul_(2)
w.grad = torch.ones(2)
w.grad.zero_()
""",
    )
    events = document["training"]
    assert [(each["kind"], each["line"]) for each in events] == [
        ("optimizer_step", 8),
        ("zero_grad", 9),
        ("assign_data", 10),
        ("assign_grad", 11),
        ("zero_grad", 12),
    ]
    (step,) = events[0]["changed"]
    assert step["before"]["data"] == [1.0, 2.0]
    assert step["after"]["data"] == [-0.5, 0.0]
    assert events[2]["changed"][0]["after"]["data"] == [6.0, 8.0]


def test_every_way_to_set_a_value_or_a_gradient_is_told_with_what_was_there(
    server: Served,
) -> None:
    document = run(
        server,
        """
(x * w).sum().backward()
x.data -= 0.5 * x.grad
x.grad += 1
x.grad[0] *= 2
x.grad.data.zero_()
optimizer = torch.optim.SGD([x, w], lr=1.0)
optimizer.zero_grad(set_to_none=False)
""",
    )
    assert [
        [
            (each["name"], each["before"] and each["before"]["data"], each["after"]["data"])
            for each in event["changed"]
        ]
        for event in document["training"]
    ] == [
        [("x", [1.0, 2.0], [-0.5, 0.0])],
        [("x", [3.0, 4.0], [4.0, 5.0])],
        [("x", [4.0, 5.0], [8.0, 5.0])],
        [("x", [8.0, 5.0], [0.0, 0.0])],
        [("x", [0.0, 0.0], [0.0, 0.0]), ("w", [1.0, 2.0], [0.0, 0.0])],
    ]


def test_an_in_place_change_is_told_whatever_made_it(server: Served) -> None:
    code = """
y = x * w
y.mul_(2)
torch.relu_(y)
torch.nn.functional.relu(y, inplace=True)
y[0] = 3
y += 1
torch.Tensor.add_(y, 1)
"""
    changes = run(server, code)["in_place"]
    assert [(each["span"]["line"], each["version"]) for each in changes] == [
        (line, line - 6) for line in range(7, 13)
    ]


def test_gradients_that_accumulate_are_told_before_and_after(server: Served) -> None:
    document = run(server, "for i in range(3): (x * w).sum().backward()")
    assert [
        [
            (each["before"] and each["before"]["data"], each["after"]["data"])
            for each in one["accumulated"]
            if each["name"] == "x"
        ]
        for one in document["backward"]
    ] == [
        [(None, [3.0, 4.0])],
        [([3.0, 4.0], [6.0, 8.0])],
        [([6.0, 8.0], [9.0, 12.0])],
    ]
    assert [one["alike"] for one in document["backward"]] == [2, 2, None]


def test_the_steps_show_every_moment_again(server: Served) -> None:
    """Folding the steps up to the end of each line gives what Python had there."""
    code = """
total = 0
for i in range(3):
    y = x * i
    total = total + y.sum()
    if i == 1:
        name = "one"
print("done")
def f(a):
    b = a + 1
    return b
z = f(w)
"""
    document = run(server, code)
    steps = document["steps"]
    history = [
        (step["line"], step["depth"], step["iteration"], [b["name"] for b in step["bound"]])
        for step in steps[3:]
    ]
    loop = [
        (line, 0, i, names)
        for i in range(3)
        for line, names in ((7, ["i"]), (8, ["y"]), (9, ["total"]), (10, []), (11, ["name"]))
        if line != 11 or i == 1
    ]
    assert history == [
        (6, 0, None, ["total"]),
        (7, 0, None, []),
        *loop,
        (12, 0, None, []),
        (13, 0, None, ["f"]),
        (16, 0, None, []),
        (13, 1, None, ["a"]),
        (14, 1, None, ["b"]),
        (15, 1, None, []),
        (16, 0, None, ["z"]),
    ]
    values = [
        bound["value"]["data"] for step in steps for bound in step["bound"] if bound["name"] == "y"
    ]
    assert values == [[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]]
    assert [step["printed"] for step in steps if step["printed"]] == ["done\n"]


def test_a_name_is_told_whatever_binds_or_unbinds_it(server: Served) -> None:
    code = """
i = 0
i += 1
if (n := i + 1) > 1: pass
def f(a, *rest, **more):
    global g
    g = a
    a += 1
    del rest
f(2)
try: 1 / 0
except ZeroDivisionError as error: pass
match [i, n]:
    case [k, *others]: pass
del i, n
"""
    steps = run(server, code)["steps"]
    assert [
        (step["line"], bound["name"], bound["repr"], bound["local"])
        for step in steps
        for bound in step["bound"]
        if step["line"] > 5
    ] == [
        (6, "i", "0", False),
        (7, "i", "1", False),
        (8, "n", "2", False),
        (9, "f", "<function>", False),
        (9, "a", "2", True),
        (9, "rest", "<tuple>", True),
        (9, "more", "<dict>", True),
        (11, "g", "2", False),
        (12, "a", "3", True),
        (13, "rest", "", True),
        (16, "error", "<ZeroDivisionError>", False),
        (18, "k", "1", False),
        (18, "others", "<list>", False),
        (19, "i", "", False),
        (19, "n", "", False),
    ]
    deleted = [b["name"] for step in steps for b in step["bound"] if b["kind"] == "deleted"]
    assert deleted == ["rest", "i", "n"]


def test_a_long_loop_is_thinned_and_says_so(server: Served) -> None:
    document = run(server, "for i in range(20_000): y = (x * i).sum()\ny.backward()")
    assert document["status"] == "finished"
    assert document["recording"]["thinned"]
    assert document["recording"]["steps"] > 20_000
    assert len(document["steps"]) < 20_000
    assert made_by(document, "y")["line"] == 5
    assert document["backward"][-1]["line"] == 6


def test_what_comes_after_a_long_loop_is_recorded_again_in_a_function_too(server: Served) -> None:
    document = run(
        server,
        """
def train():
    for i in range(3_000):
        for k in range(2):
            y = (x * k).sum()
    last = y * 2
    return last
z = train()
done = z + 1
""",
    )
    (thinned,) = document["recording"]["thinned"]
    assert thinned.startswith("After 1,50")  # the first iteration beyond 1,500 steps
    bound = [(each["name"], step["line"]) for step in document["steps"] for each in step["bound"]]
    assert bound[-3:] == [("last", 10), ("z", 12), ("done", 13)]
    assert len(document["steps"]) < 2_500


def test_a_loop_in_a_function_called_in_a_loop_is_sampled_as_one(server: Served) -> None:
    code = """
def inner():
    first = 1
    for k in range(2):
        y = (x * k).sum()
for i in range(3_000):
    inner()
"""
    assert len(run(server, code)["steps"]) < 2_500


def test_without_the_recorder_nothing_but_the_graph_is_told(server: Served) -> None:
    document = run(server, "y = (x * w).sum()\ny.backward()", record="graph")
    assert document["backward"] == []
    assert document["cuts"] == []
    assert document["recording"] is None
    assert all(each["line"] is None for each in document["graph"]["functions"])


def test_threads_have_lines_of_their_own(server: Served) -> None:
    document = run(
        server,
        """
import threading
parts = {}
def work(k):
    parts[k] = (x * k).exp()
threads = [threading.Thread(target=work, args=(k,)) for k in (1, 2)]
for t in threads: t.start()
for t in threads: t.join()
y = parts[1] + parts[2]
""",
    )
    lines = sorted(
        (each["name"], each["line"], [frame["function"] for frame in each["stack"]])
        for each in document["graph"]["functions"]
        if each["name"] != "AccumulateGrad"
    )
    assert lines == [
        ("AddBackward0", 13, ["<module>"]),
        ("ExpBackward0", 9, ["work"]),
        ("ExpBackward0", 9, ["work"]),
        ("MulBackward0", 9, ["work"]),
        ("MulBackward0", 9, ["work"]),
    ]
