"""The formula of a function: in letters, with the numbers of the run, and what is left out."""

import math
from dataclasses import replace
from typing import Any

import pytest

from gradfn.events.values import TensorValue
from gradfn.explain.formulas.arguments import arguments_of
from gradfn.explain.formulas.formulas import MAX_FUNCTIONS, formula_of, with_formulas
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.explain.formulas.value_history import ValueHistory
from gradfn.model.document import Formula, Function, Graph, Operand, RunDocument, Saved, Tensor
from gradfn.model.recording import PassedFunction
from gradfn.pytorch.derivatives import definitions
from tests.render.graphs import tensor, value

NEVER = ValueHistory(RunDocument())  # nothing was trained


def at(*numbers: Any, shape: list[int] | None = None) -> TensorValue:
    return value(*numbers, shape=shape)


def made(name: str, **inputs: Any) -> tuple[Function, dict[str, Tensor]]:
    """A function whose arguments are the values given: tensors by their value, or numbers."""
    tensors: dict[str, Tensor] = {}
    operands = []
    for argument, given in inputs.items():
        if isinstance(given, TensorValue):
            id = f"t{len(tensors) + 1}"
            tensors[id] = tensor(id, argument, holds=given)
            operands.append(Operand(argument, tensor=id))
        else:
            operands.append(Operand(argument, value=given))
    return Function("f1", name, (), inputs=tuple(operands)), tensors


def formula(name: str, passed: PassedFunction | None = None, **inputs: Any) -> Formula:
    function, tensors = made(name, **inputs)
    found = formula_of(function, arguments_of(function, tensors, NEVER), passed)
    assert found is not None
    return found


def test_a_product_has_the_other_factor_as_its_derivative() -> None:
    found = formula("MulBackward0", self=at(3.0), other=at(2.0))

    assert found.forward == r"z = x \cdot y"
    assert found.numbers == r"z = 3 \cdot 2 = 6"
    first, second = found.partials
    assert first.latex == r"\frac{\partial z}{\partial x} = y"
    assert first.numbers == r"\frac{\partial z}{\partial x} = 2"
    assert first.vjp == r"v^{\top} J_{x} = v \cdot y"
    assert second.numbers == r"\frac{\partial z}{\partial y} = 3"
    assert found.symbols == {"self": "x", "other": "y", "result": "z", "grad": "v"}


def test_the_article_s_square_has_the_derivative_2x() -> None:
    found = formula("PowBackward0", self=at(3.0), exponent=2)

    assert found.forward == "z = x^{2}"
    assert found.partials[0].latex == r"\frac{\partial z}{\partial x} = 2 \cdot x"
    assert found.partials[0].numbers == r"\frac{\partial z}{\partial x} = 2 \cdot 3 = 6"
    assert found.pytorch.startswith("pow.Tensor_Scalar(")
    assert found.partials[0].pytorch == "pow_backward(grad, self, exponent)"


def test_the_gradient_that_came_by_is_put_in() -> None:
    passed = PassedFunction("f1", (at(2.0),), (at(6.0),))

    found = formula("MulBackward0", passed, self=at(1.0), other=at(3.0))

    assert found.partials[0].vjp_numbers == r"v^{\top} J_{x} = 2 \cdot 3 = 6"


def test_a_matrix_product_is_shown_as_matrices() -> None:
    passed = PassedFunction("f1", (at(1.0, 1.0, shape=[1, 2]),), ())
    left, right = at(1.0, 2.0, shape=[1, 2]), at(1.0, 2.0, 3.0, 4.0, shape=[2, 2])

    found = formula("MmBackward0", passed, self=left, mat2=right)

    assert found.partials[0].latex == r"V^{\top} J_{X} = V\, Y^{\top}"
    assert found.partials[0].vjp_numbers == (
        r"V^{\top} J_{X} = \begin{bmatrix} 1 & 1 \end{bmatrix}\, "
        r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}^{\top} = "
        r"\begin{bmatrix} 3 & 7 \end{bmatrix}"
    )
    jacobian = found.partials[0].jacobian
    assert jacobian is not None
    assert jacobian.shape == [2, 2]
    assert jacobian.data == [1.0, 3.0, 2.0, 4.0]


def test_the_jacobian_of_an_elementwise_function_is_diagonal() -> None:
    found = formula("ExpBackward0", self=at(0.0, math.log(2)))

    jacobian = found.partials[0].jacobian
    assert jacobian is not None
    assert jacobian.data == pytest.approx([1.0, 0.0, 0.0, 2.0])


def test_a_number_among_the_arguments_stands_in_the_formula() -> None:
    found = formula("AddBackward0", self=at(1.0), other=1)

    assert found.forward == "z = x + 1"
    assert [partial.argument for partial in found.partials] == ["self"]


def test_what_the_function_saved_stands_in_for_inputs_that_are_not_known() -> None:
    function = Function(
        "f1", "PowBackward0", (), saved=(Saved("self", "t1"), Saved("exponent", value=3))
    )

    found = formula_of(function, arguments_of(function, {"t1": tensor("t1", holds=at(2.0))}, NEVER))

    assert found is not None
    assert found.partials[0].numbers == r"\frac{\partial z}{\partial x} = 3 \cdot 2^{2} = 12"


@pytest.mark.parametrize(
    "holds",
    [
        TensorValue([300], "float32", None, None),
        TensorValue([1], "complex64", [[1.0, 2.0]], None),
        TensorValue([2, 2], "float32", [1.0], None),  # forged
    ],
    ids=["too large", "complex", "forged"],
)
def test_a_value_that_cannot_be_put_in_leaves_the_letters(holds: TensorValue) -> None:
    found = formula("SinBackward0", self=holds)

    assert found.partials[0].latex == r"\frac{\partial z}{\partial x} = \cos\left(x\right)"
    assert found.partials[0].numbers is None
    assert found.numbers is None


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity", 0.0, -1.0])
@pytest.mark.parametrize("name", ["LogBackward0", "SqrtBackward0", "ReciprocalBackward0"])
def test_numbers_outside_a_function_s_domain_are_nan_or_infinite_as_in_pytorch(
    name: str, odd: Any
) -> None:
    found = formula(name, self=at(odd))

    assert found.numbers is not None
    assert found.partials[0].numbers is not None


def test_nothing_that_a_run_can_tell_stops_the_explanation() -> None:
    odd: list[Any] = [
        at(1.0),
        at(1.0, 2.0),
        at(shape=[0]),
        None,
        10**9,
        "(0, 1)",
        "[1000000, 1000000]",
        "((((",
        True,
        2.5,
    ]
    for name, operation in OPERATIONS.items():
        names = definitions()[name].arguments
        for nr in range(len(odd)):
            inputs = {each: odd[(nr + at_) % len(odd)] for at_, each in enumerate(names)}
            function, tensors = made(name, **inputs)
            grads = tuple(at(1.0) for _ in operation.forward)
            formula_of(
                function, arguments_of(function, tensors, NEVER), PassedFunction("f1", grads, ())
            )


def test_an_operation_without_a_formula_of_ours_has_pytorch_s() -> None:
    found = formula("LinalgSvdBackward0")

    assert found.forward == ""
    assert "svd_backward" in found.partials[0].pytorch


def test_a_function_of_the_program_s_own_has_none() -> None:
    assert formula_of(Function("f1", "CubeBackward", ()), {}) is None


def test_only_the_first_functions_of_a_large_graph_have_formulas() -> None:
    count = MAX_FUNCTIONS + 10
    functions = tuple(Function(f"f{nr}", "SinBackward0", ()) for nr in range(count))
    document = with_formulas(replace(RunDocument(), graph=Graph((), functions)))

    assert sum(each.formula is not None for each in document.graph.functions) == MAX_FUNCTIONS
