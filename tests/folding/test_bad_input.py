"""What a program can do to make folding wrong, slow or deep."""

from typing import Any

import pytest

from gradfn.model.document import Function, Graph, NextFunction
from gradfn.model.folding.loops import Loops
from gradfn.model.folding.scopes import MAX_DEPTH
from gradfn.model.folding.tree import Fold
from gradfn.model.folding.view import MOST_FIRST, folding_of
from gradfn.model.recording import StackFrame
from tests.conftest import Served
from tests.folding.graphs import chain
from tests.folding.test_folding import is_partition, openings


def depth_of(root: Fold) -> int:
    deepest, pending = 0, [(root, 0)]
    for fold, depth in pending:
        deepest = max(deepest, depth)
        pending += [(each, depth + 1) for each in fold.children if isinstance(each, Fold)]
    return deepest


def whole(graph: Graph) -> None:
    for view in openings(folding_of(graph)):
        assert is_partition(view, graph)


CYCLIC = """
import torch
from torch import nn
a, b = nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.Tanh())
a.b, b.a = b, a
a.itself = [a]
loss = b[1](b[0](a(torch.ones(1, 2)))).sum()
"""
SHARED = """
import torch
from torch import nn
layer = nn.Linear(2, 2)
net = nn.ModuleDict({"left": layer, "right": layer, "a.b".replace(".", "_"): nn.Tanh()})
x = torch.ones(1, 2)
loss = (net["left"](x) + net["a_b"](net["right"](x))).sum()
"""
NAMELESS = """
import torch
from torch import nn
def made():
    return nn.Sequential(nn.Linear(2, 2), nn.Tanh())(torch.ones(1, 2))
loss = sum((lambda y: (y * 2).sum())(made()) for _ in range(9)) + eval("made().sum()")
exec("def generated(x):\\n return (x * 3).sin()")
loss = loss + generated(made()).sum()
"""
DEEP = """
import sys
import torch
from torch import nn
sys.setrecursionlimit(100_000)
net = nn.Linear(1, 1)
for _ in range(200):
    net = nn.Sequential(net)
loss = net(torch.ones(1, 1)).sin().sum()
"""


@pytest.mark.parametrize(
    "code", [CYCLIC, SHARED, NAMELESS, DEEP], ids=["cyclic", "shared", "nameless", "deep"]
)
def test_odd_modules_and_functions_lose_no_function(server: Served, code: str) -> None:
    body: dict[str, Any] = {"code": code, "options": {"fold": True, "depth": 100}}
    answer = server.client.post("/api/v1/graph.layout", json=body)
    functions = server.run(code)["graph"]["functions"]

    assert answer.status_code == 200, answer.text
    told = sorted(id for box in answer.json()["boxes"] for id in box["functions"])
    assert told == sorted(function["id"] for function in functions)
    assert functions


def test_ten_thousand_levels_of_modules_are_no_deep_tree() -> None:
    modules = [".".join(["m"] * 10_000), ".".join(["m"] * 9_999), "m"]
    graph = chain(["SinBackward0", "CosBackward0", "ExpBackward0"] * 9, modules=modules * 9)

    assert depth_of(folding_of(graph).root) <= 2 * MAX_DEPTH
    whole(graph)


def test_a_thousand_frames_of_recursion_are_no_deep_tree() -> None:
    stack = tuple(StackFrame("again", line) for line in range(1_000))
    graph = chain(["SinBackward0", "CosBackward0"] * 20, stack=stack)

    assert depth_of(folding_of(graph).root) <= 2 * MAX_DEPTH
    whole(graph)


@pytest.mark.parametrize(
    "names",
    [
        ["a.b", "a", "b", "a.b"],
        ["0", "00", "1", "0"],
        ["", " ", "/", "~", "~1", "*", "each", "*/each", "leaves", "itself"],
        ["<script>", '"', "\\", "\n", "\u202e", "é" * 300],
    ],
)
def test_names_that_look_like_paths_are_names(names: list[str]) -> None:
    modules = [f"net.{name}" for name in names for _ in range(3)]
    graph = chain(["SinBackward0", "CosBackward0", "TanhBackward0"] * len(names), modules=modules)

    whole(graph)
    for view in openings(folding_of(graph)):
        assert len({box.id for box in view.boxes}) == len(view.boxes)


def test_numbers_that_contradict_the_edges_are_overruled() -> None:
    graph = chain(["SinBackward0", "CosBackward0"] * 50)
    forged = Graph(
        functions=tuple(
            Function(f.id, f.name, f.next_functions, sequence_nr=(nr * 7) % 11)
            for nr, f in enumerate(graph.functions)
        )
    )

    order = list(folding_of(forged).columns.order)
    assert order == list(reversed(range(100)))


def test_an_edge_out_of_the_graph_is_an_edge_from_nowhere() -> None:
    graph = Graph(functions=(Function("f1", "A", (NextFunction("f99", 0), None)),))

    view = folding_of(graph).view()
    assert is_partition(view, graph)
    assert view.flows == []


def test_a_leaf_that_everything_uses_is_one_box() -> None:
    leaf = Function("f2001", "AccumulateGrad", ())
    functions = [
        Function(f"f{nr + 1}", f"Kind{nr % 50}", (NextFunction("f2001", 0),), sequence_nr=-nr)
        for nr in range(2_000)
    ]
    graph = Graph(functions=(*functions, leaf))

    view = folding_of(graph).view(folding_of(graph).first())
    assert is_partition(view, graph)
    assert len(view.boxes) <= MOST_FIRST


def test_leaves_without_end_are_one_box_until_they_are_opened() -> None:
    leaves = [Function(f"f{nr + 3}", "AccumulateGrad", ()) for nr in range(300)]
    edges = tuple(NextFunction(leaf.id, 0) for leaf in leaves)
    graph = Graph(functions=(Function("f1", "A", (NextFunction("f2", 0), *edges)),
                             Function("f2", "B", edges), *leaves))  # fmt: skip
    folding = folding_of(graph)
    view = folding.view()
    [many] = [box for box in view.boxes if box.part is None]

    assert len(many.functions) == 300
    assert len(folding.view({many.id}).boxes) == 302


@pytest.mark.parametrize(
    "code", ["", "for", "\0", "(" * 10_000, "x = " + "-" * 50_000 + "1", "\ufefffor t in x:\n f()"]
)
def test_a_text_that_is_no_program_has_no_loops_and_breaks_nothing(code: str) -> None:
    loops = Loops(code)

    assert loops.around({1, 2}) == ""
    assert loops.around(set()) == ""
