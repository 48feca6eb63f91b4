"""Backpropagation by hand on what a real run tells, recorder and all."""

from typing import Any

import pytest

from tests.conftest import Served

CHANGED = """import torch
w = torch.tensor([2.], requires_grad=True)
a = w * 3
y = a * w
w.data.fill_(100.)
y.backward()
"""
HOOK = """import torch
w = torch.tensor([1.], requires_grad=True)
a = w * 3
a.register_hook(lambda grad: grad * 10)
y = (a * a).sum()
y.backward()
"""


def accounts(server: Served, code: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By the names of root and leaf."""
    document = server.run(code, seed=1, by_hand=True)
    assert document["status"] == "finished", document["error"]
    names = {
        each["id"]: (each["names"] or [each["id"]])[0] for each in document["graph"]["tensors"]
    }
    return {(names[each["root"]], names[each["leaf"]]): each for each in document["by_hand"]}


@pytest.mark.parametrize("slug", ["1a", "2.1", "3.1", "4"])
def test_the_article_s_programs_agree_three_times(server: Served, slug: str) -> None:
    examples = server.client.get(f"{server.url}/api/v1/examples").json()
    chosen = [each for each in examples if each["part"].startswith(slug)]
    assert chosen
    found = [told for each in chosen for told in accounts(server, each["code"]).values()]

    assert found
    for told in found:
        assert told["agrees"] is True, told
        assert told["differences"] == []
        assert told["finite_differences"] is not None


def test_a_change_through_data_is_found_at_the_function_that_used_it(server: Served) -> None:
    told = accounts(server, CHANGED)["y", "w"]

    assert told["total"]["data"] == [12.0]
    assert told["autograd"]["data"] == [306.0]
    assert told["finite_differences"]["data"] == pytest.approx([12.0])
    assert told["agrees"] is False
    (difference,) = told["differences"]
    assert (difference["kind"], difference["argument"]) == ("gradient", "self")
    assert (difference["by_hand"]["data"], difference["autograd"]["data"]) == ([2.0], [100.0])


def test_a_hook_is_found_where_it_changed_the_gradient(server: Served) -> None:
    told = accounts(server, HOOK)["y", "w"]

    assert told["agrees"] is False
    assert [each["kind"] for each in told["differences"]] == ["received"]


def test_any_pair_can_be_asked_for_by_name(server: Served) -> None:
    code = "import torch\nw = torch.ones(2, requires_grad=True)\nh = w * 3\nh.sum().backward()"
    asked = {"code": code, "root": "h", "leaf": "w"}

    answer = server.client.post(f"{server.url}/api/v1/backprop", json=asked).json()

    assert answer["status"] == "finished"
    (told,) = answer["by_hand"]
    assert told["seed"]["data"] == [1.0, 1.0]
    assert told["total"]["data"] == [3.0, 3.0]


def test_a_run_that_is_kept_is_asked_about_by_ids_and_does_not_run_again(server: Served) -> None:
    code = "import torch\nw = torch.rand(1, requires_grad=True)\ny = w * w\ny.backward()"
    document = server.run(code, layout=True)
    graph = document["picture"]["graph"]
    w, y = (each for each in document["graph"]["tensors"] if each["names"])
    asked = {"code": code, "graph": graph, "root": y["id"], "leaf": w["id"]}
    [account] = server.client.post("/api/v1/backprop", json=asked).json()["by_hand"]
    assert account["total"]["data"] == pytest.approx(w["grad"]["data"])  # random, so of this run


def test_formulas_have_the_numbers_of_the_run(server: Served) -> None:
    document = server.run(
        "import torch\nx = torch.tensor([3.], requires_grad=True)\ny = x ** 2\ny.backward()"
    )

    power = document["graph"]["functions"][0]
    assert power["formula"]["forward"] == "z = x^{2}"
    (partial,) = power["formula"]["partials"]
    assert partial["numbers"] == r"\frac{\partial z}{\partial x} = 2 \cdot 3 = 6"
    assert partial["vjp_numbers"].endswith("= 6")


def test_what_autograd_grad_gave_stands_beside_it(server: Served) -> None:
    code = """import torch
x = torch.tensor([3.], requires_grad=True)
y = x * x + x
slope, = torch.autograd.grad(y, x, create_graph=True)
"""
    told = accounts(server, code)["y", "x"]

    assert told["autograd"]["data"] == told["total"]["data"] == [7.0]


def test_a_gradient_that_the_program_never_asked_for_is_asked_for(server: Served) -> None:
    code = "import torch\nx = torch.tensor([3.], requires_grad=True)\ny = x * x"
    asked = {"code": code, "root": "y", "leaf": "x"}
    (told,) = server.client.post("/api/v1/backprop", json=asked).json()["by_hand"]

    assert told["autograd"]["data"] == [6.0]
    assert told["finite_differences"]["data"] == pytest.approx([6.0])


def test_a_dimension_from_the_end_is_the_one_the_program_wrote(server: Served) -> None:
    code = """import torch
q = torch.tensor([[1., 2.], [3., 5.]], requires_grad=True)
y = (torch.softmax(q @ q.T, -1) @ q).sum()
y.backward()
"""
    told = accounts(server, code)["y", "q"]

    assert told["note"] is None
    assert told["finite_differences"] is not None
    assert told["agrees"]
