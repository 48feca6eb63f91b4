"""Every function of a graph as mathematics: its formula, its derivatives, the run's numbers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from gradfn.explain.arrays.array import Array
from gradfn.explain.formulas.argument_values import ArgumentValues
from gradfn.explain.formulas.arguments import array_of
from gradfn.explain.formulas.evaluate import CannotCompute, forward, local, vjp, with_results
from gradfn.explain.formulas.expression import expression, matrix_latex
from gradfn.explain.formulas.jacobians import jacobian
from gradfn.explain.formulas.operation import Operation, Slope
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.explain.time_budget import TimeBudget
from gradfn.model.document import (
    Formula,
    Function,
    Partial,
    RunDocument,
    TensorValue,
)
from gradfn.model.recording import PassedFunction
from gradfn.pytorch.derivatives import Definition, definitions

MAX_FUNCTIONS = 500  # with a formula; a larger graph repeats itself
MAX_WITH_NUMBERS = 100
SECONDS = 0.3  # of work; the rest then has symbols only
MAX_SHOWN = 16  # elements of a matrix in a formula
MAX_PUT_IN = 6  # elements of a matrix put in the place of a letter


def with_formulas(document: RunDocument, known: ArgumentValues | None = None) -> RunDocument:
    """The document, each function with its formula where there is one."""
    known = known or ArgumentValues(document)
    budget = TimeBudget(SECONDS)
    passed, functions = _last_passed(document), list(document.graph.functions)
    for nr, each in enumerate(functions[:MAX_FUNCTIONS]):
        numbers = nr < MAX_WITH_NUMBERS and not budget.is_over
        formula = formula_of(each, known.of(each.id), passed.get(each.id), numbers)
        functions[nr] = replace(each, formula=formula)
    return replace(document, graph=replace(document.graph, functions=tuple(functions)))


def _last_passed(document: RunDocument) -> dict[str, PassedFunction]:
    """What reached each function in the last backward pass that reached it."""
    return {
        each.function: each for run in document.backward for each in run.functions if each.function
    }


def formula_of(
    function: Function,
    values: Mapping[str, Any],
    passed: PassedFunction | None = None,
    numbers: bool = True,
) -> Formula | None:
    """The formula of a function with these arguments; None when even PyTorch's table has none."""
    if function.accumulates:
        return _ACCUMULATES
    operation, definition = OPERATIONS.get(function.name), definitions().get(function.name)
    if operation is None:
        return _defined(definition) if definition else None
    worked = _WithNumbers(operation, values, _grads(passed)) if numbers else None
    plain = tuple(sorted(_plain_numbers(operation, values).items()))
    written = _written(operation.name, plain)
    if worked is None:
        return written
    return replace(
        written,
        numbers=worked.forward(),
        partials=tuple(map(worked.partial, written.partials)),
    )


_ACCUMULATES = Formula(
    forward=r"x.\mathrm{grad} \leftarrow x.\mathrm{grad} + v",
    text="x.grad = x.grad + v",
    symbols={"variable": "x", "grad": "v"},
    partials=(),
)


def _defined(definition: Definition) -> Formula:
    """An operation that only PyTorch's own table describes."""
    partials = (Partial(argument, "", text) for argument, text in definition.gradients.items())
    return Formula("", tuple(partials), pytorch=definition.schema)


def _plain_numbers(operation: Operation, values: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers that are arguments, such as an exponent: they stand in the general formula too."""
    return {
        name: value
        for name, value in values.items()
        if name not in operation.slopes and (value is None or isinstance(value, int | float))
    } | {
        name: value
        for name, value in values.items()
        if name in operation.slopes and isinstance(value, int | float)
    }


@lru_cache(maxsize=1024)
def _written(name: str, plain: tuple[tuple[str, Any], ...]) -> Formula:
    """The formula in letters."""
    operation, definition = OPERATIONS[name], definitions()[name]
    letters, known = operation.symbols, dict(plain)
    forwards = [expression(text).latex_with(known, letters) for text in operation.forward]
    if operation.latex:
        forwards = [operation.latex]
    z = letters["result"]
    if len(forwards) > 1:
        named = [f"{z}_{nr} = {text}" for nr, text in enumerate(forwards)]
    else:
        named = [f"{z} = {forwards[0]}"]
    partials = (
        _written_partial(operation, argument, slope, definition.gradients[argument], known)
        for argument, slope in operation.slopes.items()
        if not isinstance(known.get(argument), int | float)
    )
    shown = [*operation.slopes, "result", "grad"]
    return Formula(
        forward=r",\quad ".join(named),
        partials=tuple(partials),
        pytorch=definition.schema,
        text="; ".join(f"result = {text}" for text in operation.forward),
        symbols={each: letters[each] for each in shown if each in letters and each not in known},
    )


def _written_partial(
    operation: Operation, argument: str, slope: Slope, pytorch: str, known: dict[str, Any]
) -> Partial:
    letters = operation.symbols
    x, z, v = (letters.get(each, r"\mathrm{" + each + "}") for each in (argument, "result", "grad"))
    x = "x_i" if argument == "tensors" else x
    text = slope.latex or expression(slope.text).latex_with(known, letters)
    product = rf"{v}^{{\top}} J_{{{x}}}"
    if slope.elementwise:
        back = expression(f"grad * ({slope.text})").latex_with(known, letters)
        return Partial(
            argument=argument,
            latex=rf"\frac{{\partial {z}}}{{\partial {x}}} = {text}",
            pytorch=pytorch,
            vjp=f"{product} = {back}",
            text=f"grad * ({slope.text})",
        )
    latex = text if slope.latex and "J_" in slope.latex else f"{product} = {text}"
    return Partial(argument, latex, pytorch, vjp=latex, text=slope.text)


def _grads(passed: PassedFunction | None) -> list[Array | None] | None:
    if passed is None or not passed.grad_outputs:
        return None
    grads = [array_of(grad) for grad in passed.grad_outputs]
    # A gradient that is there but too large is not the same as none.
    pairs = zip(passed.grad_outputs, grads, strict=True)
    return None if any(value and grad is None for value, grad in pairs) else grads


@dataclass(frozen=True, slots=True)
class _WithNumbers:
    """One function with the numbers of the run, where they are known."""

    operation: Operation
    values: Mapping[str, Any]
    grads: list[Array | None] | None

    def forward(self) -> str | None:
        try:
            found = forward(self.operation, self.values)
        except CannotCompute:
            return None
        z = self.operation.symbols["result"]
        text = self.operation.forward[0]
        return _equation(z, None if self.operation.latex else text, self.operation, self.values,
                         found)  # fmt: skip

    def partial(self, partial: Partial) -> Partial:
        slope = self.operation.slopes[partial.argument]
        return replace(
            partial,
            numbers=self._derivative(partial.argument, slope),
            vjp_numbers=self._product(partial.argument, slope),
            jacobian=self._jacobian(partial.argument),
        )

    def _jacobian(self, argument: str) -> TensorValue | None:
        found = jacobian(self.operation, argument, self.values)
        return None if found is None or math.prod(found.shape) == 1 else found

    def _derivative(self, argument: str, slope: Slope) -> str | None:
        if not slope.elementwise:
            return None
        try:
            values = with_results(self.operation, self.values)
            found = local(slope, values)
        except CannotCompute:
            return None
        letters = self.operation.symbols
        z, x = letters["result"], letters.get(argument, r"\mathrm{" + argument + "}")
        quotient = rf"\frac{{\partial {z}}}{{\partial {x}}}"
        return _equation(quotient, slope.text, self.operation, values, found)

    def _product(self, argument: str, slope: Slope) -> str | None:
        if self.grads is None or all(grad is None for grad in self.grads):
            return None
        try:
            found = vjp(self.operation, argument, self.values, self.grads)
            values = with_results(self.operation, self.values, len(self.grads))
        except CannotCompute:
            return None
        letters = self.operation.symbols
        x, v = letters.get(argument, r"\mathrm{" + argument + "}"), letters["grad"]
        text = f"grad * ({slope.text})" if slope.elementwise else slope.text
        given = {**values, "grad": self.grads[0]}
        # A sum over what was broadcast is not in the text.
        whole = slope.latex is None and self._is_whole(argument, slope, found, values)
        product = rf"{v}^{{\top}} J_{{{x}}}"
        return _equation(product, text if whole else None, self.operation, given, found)

    def _is_whole(self, argument: str, slope: Slope, found: Array, values: dict[str, Any]) -> bool:
        if not slope.elementwise or not self.grads or self.grads[0] is None:
            return True
        return found.shape == self.grads[0].shape


def _equation(
    left: str,
    text: str | None,
    operation: Operation,
    values: Mapping[str, Any],
    found: Array,
) -> str | None:
    """left = the formula with numbers = the value; of large arrays the first element only."""
    if found.size == 0 or found.ndim > 4:
        return None
    right = []
    if text is not None and expression(text).names:
        names = expression(text).names
        arrays = [each for name in names if isinstance(each := values.get(name), Array)]
        if any(each.size > MAX_PUT_IN for each in arrays) or len(arrays) < len(
            [name for name in names if name in (*operation.slopes, "grad", "result")]
        ):
            text = None
    if text is not None:
        right.append(expression(text).latex_with(values, operation.symbols))
    if found.size <= MAX_SHOWN:
        right.append(matrix_latex(found))
    right = list(dict.fromkeys(right))
    return " = ".join([left, *right]) if right else None
