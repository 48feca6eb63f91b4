"""Graphs and tensors up to the limits of what is told, and beyond; the options that choose."""

from itertools import pairwise
from typing import Any

import pytest

from tests.conftest import Served

CHAIN = """
import torch
w = torch.ones(1, requires_grad=True)
y = w
for _ in range({operations}):
    y = y * 1
"""


def names(document: dict[str, Any]) -> set[str]:
    return {name for tensor in document["graph"]["tensors"] for name in tensor["names"]}


def function_names(document: dict[str, Any]) -> list[str]:
    return [function["name"] for function in document["graph"]["functions"]]


def test_a_chain_of_50_000_functions_comes_whole(server: Served) -> None:
    document = server.run(CHAIN.format(operations=50_000))
    functions = {each["id"]: each for each in document["graph"]["functions"]}
    (y,) = [each for each in document["graph"]["tensors"] if each["names"] == ["y"]]

    length, function = 0, functions[y["grad_fn"]]
    while function["name"] == "MulBackward0":
        length += 1
        function = functions[function["next_functions"][0]["function"]]

    assert document["status"] == "finished"
    assert (length, function["name"]) == (50_000, "AccumulateGrad")
    assert len(functions) == 50_001
    assert not document["graph"]["truncated"]
    assert document["limits"]["reached"] == []


def test_what_only_pytorch_keeps_for_backward_is_not_told_as_alive(server: Served) -> None:
    # sin() keeps what it took, y * 1 does not: both chains are told alike.
    document = server.run(CHAIN.format(operations=3_000).replace("y * 1", "y.sin()"))

    alive = [each["names"] for each in document["graph"]["tensors"] if each["alive"]]
    assert alive == [["w"], ["y"]]
    assert not document["graph"]["truncated"]


def test_a_chain_of_200_000_functions_is_cut_and_says_so(server: Served) -> None:
    document = server.run(CHAIN.format(operations=200_000))

    assert document["status"] == "finished"
    assert document["graph"]["truncated"]
    assert len(document["graph"]["functions"]) == 100_000
    assert document["graph"]["functions"][-1]["next_functions"] == [None, None]
    assert document["limits"]["reached"] == ["graph"]
    assert [each["id"] for each in document["diagnostics"]] == ["graph-truncated"]
    assert server.run("1 + 1")["result"] == {"repr": "2"}


def test_more_tensors_than_are_told_are_cut_and_it_says_so(server: Served) -> None:
    document = server.run("import torch\nts = [torch.ones(1) for _ in range(3_000)]")

    assert document["graph"]["truncated"]
    assert len(document["graph"]["tensors"]) == 2_000
    assert document["limits"]["reached"] == ["graph"]


def test_what_a_graph_keeps_alive_crowds_out_no_leaf_and_no_edge(server: Served) -> None:
    code = """
import torch
def graph():
    w = torch.ones(1, requires_grad=True)
    y = w
    for _ in range(60_000):
        y = y.sin()  # keeps its input
    return y
y = graph()
"""
    whole, cut = server.run(code), server.run(code.replace("60_000", "150_000"))
    leaf = whole["graph"]["functions"][-1]

    assert len(whole["graph"]["functions"]) == 60_001
    assert leaf["name"] == "AccumulateGrad"
    assert leaf["variable"] == whole["graph"]["tensors"][1]["id"]
    # Of what is cut, the part nearest to the first root is whole.
    functions = cut["graph"]["functions"]
    assert len(functions) == 100_000
    for function, following in pairwise(functions):
        assert function["next_functions"] == [{"function": following["id"], "input_nr": 0}]


def test_one_gradient_of_many_leaves_has_only_so_many_names(server: Served) -> None:
    code = """
import torch
leaves = [torch.ones(1, requires_grad=True) for _ in range(300)]
shared = torch.ones(1, requires_grad=True) * 2
for leaf in leaves:
    leaf.grad = shared
del shared, leaf
"""
    document = server.run(code)
    (shared,) = [each for each in document["graph"]["tensors"] if each["grad_fn"]]

    assert document["status"] == "finished"
    assert shared["names"] == [f"leaves[{place}].grad" for place in range(20)]


def test_a_list_of_a_million_numbers_costs_no_name(server: Served) -> None:
    document = server.run("import torch\nxs = [*range(10**6)]\nw = torch.ones(1)\nboth = [xs, w]")

    assert names(document) == {"w", "both[1]"}


def test_more_kinds_of_functions_than_are_told_share_the_last(server: Served) -> None:
    code = """
import torch
y = torch.ones(1, requires_grad=True)
for i in range(10_050):
    Twice = type(f"Twice{i}", (torch.autograd.Function,), {
        "forward": staticmethod(lambda ctx, x: x * 2),
        "backward": staticmethod(lambda ctx, grad: grad * 2),
    })
    y = Twice.apply(y)
"""
    document = server.run(code)

    assert document["status"] == "finished"
    assert len(set(function_names(document))) == 10_000
    assert function_names(document)[-1] == "…"


TWO_GRAPHS = """
import torch
a = torch.ones(1, requires_grad=True)
b = torch.ones(1, requires_grad=True)
left, right = a.exp(), (b.sin(), b.cos())
c = torch.ones(1)
a.log().backward()
"""


def test_without_roots_everything_is_walked(server: Served) -> None:
    document = server.run(TWO_GRAPHS)

    assert names(document) == {"a", "b", "left", "right[0]", "right[1]", "c"}
    assert sorted(function_names(document)) == sorted(
        "ExpBackward0 SinBackward0 CosBackward0 LogBackward0 AccumulateGrad AccumulateGrad".split()
    )


def test_with_roots_only_what_they_reach_is_walked(server: Served) -> None:
    document = server.run(TWO_GRAPHS, roots=["right[0]"])

    assert names(document) == {"b", "right[0]"}
    assert function_names(document) == ["SinBackward0", "AccumulateGrad"]


def test_a_root_without_history_is_shown_alone(server: Served) -> None:
    document = server.run(TWO_GRAPHS, roots=["c"])

    assert names(document) == {"c"}
    assert function_names(document) == []


def test_a_root_that_is_no_name_reaches_nothing(server: Served) -> None:
    document = server.run(TWO_GRAPHS, roots=["nobody"])

    assert document["graph"] == {"tensors": [], "functions": [], "truncated": False}


@pytest.mark.parametrize("most", [0, 1, 256, 10_000])
def test_max_values_elements_are_listed_and_one_more_is_summarised(
    server: Served, most: int
) -> None:
    code = f"import torch\nfits, over = torch.arange({most}.0), torch.arange({most + 1}.0)"
    document = server.run(code, max_values=most)
    fits, over = [tensor["value"] for tensor in document["graph"]["tensors"]]

    assert fits["data"] == [float(each) for each in range(most)]
    assert fits["summary"] is None
    assert over["data"] is None
    assert (over["summary"]["min"], over["summary"]["max"]) == (0.0, float(most))
    assert over["summary"]["zeros"] == 1


def test_beyond_200_000_elements_in_all_tensors_are_summarised(server: Served) -> None:
    code = "import torch\nts = [torch.ones(10_000) for _ in range(22)]"
    values = [t["value"] for t in server.run(code, max_values=10_000)["graph"]["tensors"]]
    means = [each["summary"] and each["summary"]["mean"] for each in values]

    assert [len(each["data"] or []) for each in values] == [10_000] * 20 + [0] * 2
    assert means == [None] * 20 + [1.0] * 2


def test_summaries_stop_before_they_cost_seconds(server: Served) -> None:
    code = "import torch\nlarge = torch.ones(15_000_000)\nalso = torch.ones(15_000_000)"
    large, also = server.run(code)["graph"]["tensors"]

    assert large["value"]["summary"]["mean"] == 1.0
    assert large["note"] is None
    assert also["value"] == {
        "shape": [15_000_000],
        "dtype": "float32",
        "data": None,
        "summary": None,
    }
    assert also["note"] == "Too many elements to summarise."


def test_the_same_program_is_told_the_same(server: Served) -> None:
    code = """
import torch
net = torch.nn.Transformer(4, 2, 1, 1, 8)
out = net(torch.rand(3, 1, 4), torch.rand(2, 1, 4))
keep = [lambda y=out.sin() + i: y for i in range(9)]
"""
    first, second = (server.run(code, seed=3)["graph"] for _ in range(2))

    assert first == second


def test_passes_on_many_lines_keep_the_first_places(server: Served) -> None:
    passes = "".join("(w * 2).sum().backward()\n" for _ in range(100))
    document = server.run("import torch\nw = torch.ones(1, requires_grad=True)\n" + passes)

    assert function_names(document).count("SumBackward0") == 64
