"""Every program of the menu comes out as the article's table says."""

import re
from typing import Any

import numpy as np
import pytest

from gradfn.examples import EXAMPLES
from tests.conftest import Served

BY_SLUG = {example.slug: example for example in EXAMPLES}
SLUGS = [example.slug for example in EXAMPLES]
# What an example is about is what is said of it; of the others nothing is.
SAID = {
    "leaves": ["non-leaf-grad"],
    "forgotten-zero-grad": ["grad-accumulated"],
    "diverging": ["learning-rate-too-large"],
    "lstm": ["vanishing"],
    "leaf-or-not": ["grad-is-none"],
    "nan-through-where": ["where-nan"],
    "vanishing-gradients": ["vanishing"],
}
RAISES = {"in-place-error": "modified-in-place"}  # what is explained


def run(server: Served, slug: str) -> dict[str, Any]:
    document = server.run(BY_SLUG[slug].code)
    assert document["status"] == ("raised" if slug in RAISES else "finished"), document["error"]
    return document


def tensors(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: each for each in document["graph"]["tensors"] for name in each["names"]}


def grad(document: dict[str, Any], name: str) -> Any:
    value = tensors(document)[name]["grad"]
    return value and value["data"]


def grad_fn_name(document: dict[str, Any], name: str) -> str | None:
    functions = {each["id"]: each["name"] for each in document["graph"]["functions"]}
    id = tensors(document)[name]["grad_fn"]
    return None if id is None else functions[id]


@pytest.mark.parametrize("slug", SLUGS)
def test_it_prints_what_it_promises(server: Served, slug: str) -> None:
    promised = re.findall(r"# prints (.*)", BY_SLUG[slug].code)

    printed = run(server, slug)["stdout"].splitlines()

    assert printed == promised or not promised


@pytest.mark.parametrize("slug", SLUGS)
def test_it_draws_no_alarm_but_the_one_it_is_about(server: Served, slug: str) -> None:
    document = run(server, slug)

    assert [each["id"] for each in document["diagnostics"]] == SAID.get(slug, [])


@pytest.mark.parametrize(("slug", "id"), RAISES.items())
def test_its_error_is_explained(server: Served, slug: str, id: str) -> None:
    assert run(server, slug)["error"]["explanation"]["id"] == id


def test_the_polynomial_for_sin_is_that_of_numpy(server: Served) -> None:
    x = np.linspace(-np.pi, np.pi, 200)
    powers = np.stack([x**power for power in range(4)])
    numbers, loss = np.zeros(4), 0.0
    for _ in range(500):
        rest = numbers @ powers - np.sin(x)
        loss = (rest**2).sum()
        numbers -= 1e-6 * 2 * (powers @ rest)

    printed = run(server, "polynomial-for-sin")["stdout"]

    assert printed == f"{numbers[1]:.4f} {numbers[3]:.4f} {loss:.3f}\n"


def test_part_1a_x_grad_is_6_by_way_of_pow(server: Served) -> None:
    document = run(server, "backward")

    assert grad(document, "x") == [6.0]
    power, accumulate = document["graph"]["functions"]
    assert (power["name"], accumulate["name"]) == ("PowBackward0", "AccumulateGrad")
    assert power["next_functions"] == [{"function": accumulate["id"], "input_nr": 0}]
    assert accumulate["variable"] == tensors(document)["x"]["id"]


def test_part_1b_the_returned_gradient_has_a_graph_of_its_own(server: Served) -> None:
    document = run(server, "autograd-grad")

    assert tensors(document)["grad_1[0]"]["value"]["data"] == [6.0]
    assert grad_fn_name(document, "grad_1[0]") == "MulBackward0"
    assert tensors(document)["grad_2[0]"]["value"]["data"] == [2.0]
    assert grad(document, "x") is None


def test_part_2_1_gradients_add_up_to_20_and_8_over_four_passes(server: Served) -> None:
    document = run(server, "accumulating")

    assert (grad(document, "w"), grad(document, "x")) == ([20.0], [8.0])


def test_part_2_1_cleared_gradients_start_from_zero(server: Served) -> None:
    document = run(server, "clearing")

    assert document["stdout"].count("tensor([5.])") == 4
    assert (grad(document, "w"), grad(document, "x")) == ([0.0], [0.0])


def test_part_2_2_leaves_have_grad_and_the_others_have_grad_fn(server: Served) -> None:
    document = run(server, "leaves")

    named = tensors(document)
    assert [named[name]["is_leaf"] for name in "wxaby"] == [True, True, False, False, False]
    assert [grad(document, name) for name in "wxaby"] == [[5.0], [2.0], None, None, None]
    assert [grad_fn_name(document, name) for name in "wxaby"] == [
        None,
        None,
        "AddBackward0",
        "AddBackward0",
        "MulBackward0",
    ]
    assert {each["line"] for each in document["diagnostics"]} == {14}


def test_part_2_2_with_retain_grad_a_keeps_its_gradient(server: Served) -> None:
    document = run(server, "retain-grad")

    assert tensors(document)["a"]["retains_grad"] is True
    assert [grad(document, name) for name in "wxaby"] == [[5.0], [2.0], [2.0], None, None]


@pytest.mark.parametrize(("slug", "cut"), [("detach", "z_det"), ("no-grad", "z_no")])
def test_part_2_3_the_cut_tensor_requires_no_grad(server: Served, slug: str, cut: str) -> None:
    named = tensors(run(server, slug))

    assert named["z"]["requires_grad"] is True
    assert (named[cut]["requires_grad"], named[cut]["role"]) == (False, "constant")


def test_part_3_1_the_line_is_fitted_with_the_figures_of_the_article(server: Served) -> None:
    document = run(server, "linear-regression")

    named = tensors(document)
    assert document["stdout"].splitlines() == [
        "0 7.1647",
        "20 1.4863",
        "40 1.2799",
        "60 1.1152",
        "80 0.9837",
    ]
    assert named["w"]["value"]["data"] == [pytest.approx(2.556, abs=1e-3)]
    assert named["b"]["value"]["data"] == [pytest.approx(1.817, abs=1e-3)]
    assert len(document["figures"]) == 5


def test_part_3_2_the_boundary_is_found_with_the_figures_of_the_article(server: Served) -> None:
    document = run(server, "logistic-regression")

    told: dict[int, tuple[object, ...]] = {  # an approx is no float
        int(iteration): (float(loss), float(accuracy))
        for iteration, loss, accuracy in map(str.split, document["stdout"].splitlines())
    }
    assert told[0] == (pytest.approx(0.8746, abs=1e-3), 0.505)
    assert told[100] == (pytest.approx(0.4565, abs=1e-3), 0.845)
    assert told[200] == (pytest.approx(0.3555, abs=1e-3), 0.94)
    assert told[500] == (pytest.approx(0.2205, abs=1e-3), 0.98)
    assert told[600] == (pytest.approx(0.1981, abs=1e-3), 0.99)
    named = tensors(document)
    assert named["lr_net.features.weight"]["role"] == "parameter"
    assert document["figures"]


def test_part_4_a_product_with_the_jacobian_accumulates_and_can_be_cleared(server: Served) -> None:
    document = run(server, "jacobian-product")

    rows = re.findall(r"\[+([\d., ]+)\]", document["stdout"])
    diagonals = {
        (float(row.split(", ")[i % 5]), float(row.split(", ")[(i + 1) % 5]))
        for i, row in enumerate(rows[:5])
    }
    assert diagonals == {(4.0, 2.0)}
    again = {
        (float(row.split(", ")[i % 5]), float(row.split(", ")[(i + 1) % 5]))
        for i, row in enumerate(rows[5:10])
    }
    assert again == {(8.0, 4.0)}
    expected = [4.0 if row == column else 2.0 for row in range(5) for column in range(5)]
    assert grad(document, "inp") == expected
