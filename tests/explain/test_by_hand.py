"""Backpropagation by hand, held to what autograd computes for the same program."""

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from gradfn.explain.backprop.by_hand import MAX_COUNT, MAX_PATHS, SECONDS, backprops, by_hand
from gradfn.explain.backprop.subgraph import MAX_FUNCTIONS
from gradfn.explain.formulas.argument_values import ArgumentValues
from gradfn.explain.formulas.formulas import with_formulas
from gradfn.explain.time_budget import TimeBudget
from gradfn.model.by_hand import ByHand
from gradfn.model.document import RunDocument, TensorValue
from gradfn.model.recording import Changed, TrainingEvent
from tests.explain.built import Made, built


def leaf(*numbers: float, shape: tuple[int, ...] | None = None) -> torch.Tensor:
    tensor = torch.tensor(numbers, dtype=torch.float64)
    return tensor.reshape(tensor.shape if shape is None else shape).requires_grad_()


def told(document: RunDocument, root: str, of: str) -> ByHand:
    by_name = {tensor.names[0]: tensor for tensor in document.graph.tensors}
    pair = by_name[root], by_name[of]
    found = by_hand(document, *pair, ArgumentValues(document), TimeBudget(SECONDS))
    assert found is not None
    return found


def data(value: Any) -> Any:
    assert value is not None
    return value.data


def article() -> RunDocument:
    """Part 2.1: y = (x + w) * (w + 1)."""
    return built(
        {"w": leaf(1.0), "x": leaf(2.0)},
        [
            Made("a", torch.add, {"self": "x", "other": "w"}),
            Made("b", torch.add, {"self": "w", "other": 1}),
            Made("y", torch.mul, {"self": "a", "other": "b"}),
        ],
    )


def test_the_article_s_gradient_is_the_sum_over_two_paths() -> None:
    found = told(article(), "y", "w")

    assert found.count == 2
    assert [path.product.data for path in found.paths] == [[2.0], [3.0]]
    assert data(found.total) == data(found.autograd) == [5.0]
    assert data(found.finite_differences) == pytest.approx([5.0])
    assert found.agrees is True
    assert found.differences == ()
    assert found.latex == (
        r"\begin{aligned} \frac{\partial y}{\partial w} "
        r"&= \frac{\partial y}{\partial a} \cdot \frac{\partial a}{\partial w} "
        r"+ \frac{\partial y}{\partial b} \cdot \frac{\partial b}{\partial w} \\ "
        r"&= 2 \cdot 1 + 3 \cdot 1 \\ &= 5 \end{aligned}"
    )


def network() -> RunDocument:
    torch.manual_seed(2)
    random = torch.rand(2, 3, dtype=torch.float64), torch.rand(3, 2, dtype=torch.float64)
    data, weight = random
    return built(
        {"data": data, "weight": weight.requires_grad_(), "bias": leaf(0.1, -0.2)},
        [
            Made("h", torch.mm, {"self": "data", "mat2": "weight"}),
            Made("s", torch.add, {"self": "h", "other": "bias"}),
            Made("t", torch.tanh, {"self": "s"}),
            Made("q", lambda x, p: x**p, {"self": "t", "exponent": 2}),
            Made("loss", torch.mean, {"self": "q"}),
        ],
    )


@pytest.mark.parametrize("name", ["weight", "bias"])
def test_a_network_s_gradients_agree_three_times(name: str) -> None:
    found = told(network(), "loss", name)

    assert data(found.total) == pytest.approx(data(found.autograd), rel=1e-12)
    assert data(found.finite_differences) == pytest.approx(data(found.autograd), rel=1e-7)
    assert found.agrees is True
    assert found.differences == ()
    assert found.paths[0].factors[0].function == "f1"
    assert found.paths[0].factors[-1].product.data == data(found.total)


def test_a_vector_jacobian_product_starts_from_the_v_that_was_given() -> None:
    document = built(
        {"inp": torch.eye(2, dtype=torch.float64, requires_grad=True)},
        [
            Made("one", torch.add, {"self": "inp", "other": 1}),
            Made("out", lambda x, p: x**p, {"self": "one", "exponent": 2}),
        ],
    )

    found = told(document, "out", "inp")

    assert found.seed.data == [1.0] * 4
    assert data(found.total) == data(found.autograd) == [4.0, 2.0, 2.0, 4.0]


def doubling(times: int) -> RunDocument:
    lines = [
        Made(
            f"x{nr + 1}",
            torch.mul,
            {"self": f"x{nr}" if nr else "x", "other": f"x{nr}" if nr else "x"},
        )
        for nr in range(times)
    ]
    return built({"x": leaf(1.01)}, lines)


def test_paths_too_many_to_list_are_told_together() -> None:
    found = told(doubling(8), "x8", "x")

    assert found.count == 2**8 > MAX_PATHS
    assert found.grouped
    assert [path.count for path in found.paths] == [2**7, 2**7]
    products = [data(path.product)[0] for path in found.paths]
    assert sum(products) == pytest.approx(data(found.total)[0])
    assert data(found.total) == pytest.approx([256 * 1.01**255])
    assert found.agrees is True


def test_more_paths_than_atoms_are_counted_all_the_same() -> None:
    found = told(doubling(150), "x150", "x")

    assert found.count == MAX_COUNT < 2**150
    assert found.total is not None


def test_a_way_too_long_is_said_to_be() -> None:
    count = MAX_FUNCTIONS + 5
    lines = [
        Made(f"x{nr + 1}", torch.sin, {"self": f"x{nr}" if nr else "x"}) for nr in range(count)
    ]

    found = told(built({"x": leaf(0.5)}, lines), f"x{count}", "x")

    assert found.total is None
    assert found.note is not None
    assert str(MAX_FUNCTIONS) in found.note


def test_a_hook_that_changes_a_gradient_is_named_by_its_place() -> None:
    document = built(
        {"w": leaf(2.0)},
        [
            Made("a", torch.sin, {"self": "w"}),
            Made("y", torch.exp, {"self": "a"}),
        ],
        hooks={"a": lambda grad: grad * 10},
    )

    found = told(document, "y", "w")

    assert found.agrees is False
    (difference,) = found.differences
    assert difference.kind == "received"
    assert difference.function == "f2"
    assert difference.autograd.data == pytest.approx([10 * math.exp(math.sin(2.0))])


def test_a_value_changed_behind_autograd_s_back_is_found_where_it_was_used() -> None:
    def change(made: dict[str, torch.Tensor]) -> None:
        made["a"].data.fill_(100.0)

    document = built(
        {"w": leaf(2.0)},
        [
            Made("a", torch.sin, {"self": "w"}),
            Made("y", torch.mul, {"self": "a", "other": "a"}),
        ],
        between=change,
    )

    found = told(document, "y", "w")

    assert found.agrees is False
    assert {(each.kind, each.function) for each in found.differences} == {("gradient", "f1")}


class Wrong(torch.autograd.Function):
    """A cube that forgot a factor."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        x: torch.Tensor = ctx.saved_tensors[0]
        return grad * x**2


def test_a_function_of_the_program_s_own_is_taken_as_autograd_had_it() -> None:
    lines = [Made("a", torch.sin, {"self": "w"}), Made("y", Wrong.apply, {"x": "a"})]

    found = told(built({"w": leaf(2.0)}, lines), "y", "w")

    assert data(found.total) == pytest.approx(data(found.autograd))
    assert found.finite_differences is None
    assert found.note is not None
    assert "WrongBackward" in found.note
    assert [factor.function for factor in found.paths[0].factors] == ["f1", "f2"]


def test_without_a_pass_there_is_nothing_to_take_from_autograd() -> None:
    document = built({"w": leaf(2.0)}, [Made("y", Wrong.apply, {"x": "w"})])

    found = told(replace(document, backward=()), "y", "w")

    assert found.total is None
    assert found.note is not None
    assert "WrongBackward" in found.note


def test_gradients_are_those_of_the_pass_not_what_had_accumulated() -> None:
    w = leaf(3.0)
    w.grad = torch.tensor([100.0], dtype=torch.float64)

    found = told(built({"w": w}, [Made("y", torch.exp, {"self": "w"})]), "y", "w")

    assert data(found.autograd) == pytest.approx([math.exp(3.0)])
    assert found.agrees is True


def test_a_list_of_tensors_has_a_path_for_each_use() -> None:
    document = built(
        {"w": leaf(1.0, 2.0), "x": leaf(3.0)},
        [
            Made(
                "c",
                lambda parts, dim: torch.cat(parts, dim),
                {"tensors": ["w", "x", "w"], "dim": 0},
            ),
            Made("s", torch.sin, {"self": "c"}),
            Made("y", torch.sum, {"self": "s"}),
        ],
    )

    found = told(document, "y", "w")

    assert found.count == 2
    assert data(found.total) == pytest.approx([2 * math.cos(1.0), 2 * math.cos(2.0)])
    assert found.agrees is True


def test_pairs_without_a_path_are_left_out() -> None:
    document = built({"w": leaf(1.0), "x": leaf(2.0)}, [Made("y", torch.exp, {"self": "w"})])

    found = backprops(document)

    assert [(each.root, each.leaf) for each in found] == [("t3", "t1")]


def test_a_name_that_is_the_id_of_another_tensor_is_the_named_one() -> None:
    document = built(
        {"w": leaf(1.0), "t1": leaf(2.0)},
        [
            Made("y", torch.mul, {"self": "w", "other": "t1"}),
            Made("t3", torch.exp, {"self": "y"}),
        ],
    )
    ids = {name: each.id for each in document.graph.tensors for name in each.names}
    assert ids == {"w": "t1", "t1": "t2", "y": "t3", "t3": "t4"}

    assert [(each.root, each.leaf) for each in backprops(document, "t3", "t1")] == [("t4", "t2")]
    assert [(each.root, each.leaf) for each in backprops(document, "t4", "t2")] == [("t4", "t2")]
    assert backprops(document, "t1") == ()


def test_names_that_are_not_python_s_stay_out_of_formulas() -> None:
    document = built(
        {r"\href{javascript:1}{w}": leaf(1.0)},
        [Made("y", torch.exp, {"self": r"\href{javascript:1}{w}"})],
    )

    found = backprops(document)[0]

    assert found.latex is not None
    assert "href" not in found.latex
    assert "t_{1}" in found.latex


def test_a_graph_that_is_too_hard_to_work_out_is_said_to_be() -> None:
    kernel = torch.ones(1, 1, 5, 5, dtype=torch.float64)
    image = torch.ones(1, 1, 12, 12, dtype=torch.float64, requires_grad=True)
    geometry = {"stride": [1, 1], "padding": [2, 2], "dilation": [1, 1]}
    rest = {"transposed": False, "output_padding": [0, 0], "groups": 1}
    lines = [
        Made(
            f"x{nr + 1}",
            torch.convolution,
            {"input": f"x{nr}" if nr else "x", "weight": "k", "bias": None, **geometry, **rest},
        )
        for nr in range(60)
    ]
    document = built({"x": image, "k": kernel.requires_grad_()}, lines)

    found = told(document, "x60", "x")

    assert found.note is not None
    assert "too long" in found.note
    assert backprops(document)[0].note is not None
    assert with_formulas(document).graph.functions[0].formula is not None


def test_a_leaf_that_was_trained_since_counts_with_the_value_that_was_used() -> None:
    w = leaf(2.0)
    document = built({"w": w}, [Made("y", lambda x, p: x**p, {"self": "w", "exponent": 3})])
    before = document.graph.tensors[0].value
    after = TensorValue([1], "float64", [50.0], None)
    trained = TrainingEvent(
        "assign_data", 9, 7, "w.data.fill_(50)", (Changed("w", "t1", before, after),)
    )
    graph = replace(
        document.graph,
        tensors=(replace(document.graph.tensors[0], value=after), *document.graph.tensors[1:]),
        functions=tuple(replace(each, step=3) for each in document.graph.functions),
    )

    found = told(replace(document, graph=graph, training=(trained,)), "y", "w")

    assert data(found.total) == data(found.autograd) == [12.0]
    assert found.agrees is True


def test_a_value_that_nobody_saw_is_computed_gradient_from_its_origin() -> None:
    document = article()
    seen = [each for each in document.graph.tensors if each.names[0] not in ("a", "b")]
    document = replace(document, graph=replace(document.graph, tensors=tuple(seen)))

    found = told(document, "y", "w")

    assert data(found.total) == [5.0]
    assert found.agrees is True
