"""An entry of the table evaluated with numbers: its forward value, and vᵀ·J for an argument."""

from collections.abc import Mapping, Sequence
from typing import Any

from gradfn.explain.arrays.array import Array, full, positions, sum_to
from gradfn.explain.formulas.expression import expression
from gradfn.explain.formulas.operation import Operation, Slope

Values = Mapping[str, Any]  # by argument: an Array, a number, a text, a list of those, or None


class CannotCompute(Exception):
    """A value is missing, or is not one that the formula can take."""


def forward(operation: Operation, values: Values, nr: int = 0) -> Array:
    """The nr-th output."""
    text = operation.forward[nr if len(operation.forward) > 1 else 0]
    return _value(text, {**values, "nr": nr})


def vjp(
    operation: Operation,
    argument: str,
    values: Values,
    grads: Sequence[Array | None],
    nr: int = 0,
) -> Array:
    """vᵀ·J for one argument (of a list of tensors, the nr-th), in its shape.

    `grads` has v for each output; `values` may leave the results out.
    """
    slope = operation.slopes[argument]
    known = with_results(operation, values, len(grads))
    filled = [
        full(_result(operation, known, at).shape, 0.0) if grad is None else grad
        for at, grad in enumerate(grads)
    ]
    known |= {"grad": filled[0], "grads": filled, "nr": nr}
    known |= {f"grad{at}": grad for at, grad in enumerate(filled)}
    if "pieces" in expression(slope.text).names:
        moved = {**known, argument: positions(_tensor(values, argument, nr).shape)}
        known["pieces"] = [forward(operation, moved, at) for at in range(len(filled))]
    found = filled[0] * local(slope, known) if slope.elementwise else _value(slope.text, known)
    try:
        return sum_to(found, _tensor(values, argument, nr).shape)
    except ValueError as error:
        raise CannotCompute(str(error)) from None


def local(slope: Slope, values: Values) -> Array:
    """The derivative of every element by itself, of an elementwise slope."""
    return _value(slope.text, values)


def with_results(operation: Operation, values: Values, outputs: int = 1) -> dict[str, Any]:
    """The values, and the results where they were not given."""
    known = dict(values)
    if _is_listed(operation):
        return known
    wanted = {name for slope in operation.slopes.values() for name in expression(slope.text).names}
    for nr in range(min(outputs, len(operation.forward))):
        if f"result{nr}" in wanted and f"result{nr}" not in known:
            known[f"result{nr}"] = forward(operation, values, nr)
    for name in ("result1", "indices"):  # which a formula can find again
        if name in wanted:
            known.setdefault(name, None)
    if "result" in wanted and "result" not in known:
        known["result"] = forward(operation, values)
    return known


def _is_listed(operation: Operation) -> bool:
    return "nr" in expression(operation.forward[0]).names


def _result(operation: Operation, values: Values, nr: int) -> Array:
    return forward(operation, values, nr)


def _tensor(values: Values, argument: str, nr: int) -> Array:
    value = values.get(argument)
    if isinstance(value, list | tuple):
        value = value[nr] if nr < len(value) else None
    if not isinstance(value, Array):
        raise CannotCompute(f"the value of {argument} is not known")
    return value


def _value(text: str, values: Values) -> Array:
    try:
        return expression(text).evaluate(values)
    # What a value of the wrong kind or shape makes of a formula is not to be foreseen.
    except Exception as error:
        unknown = sorted(each for each in expression(text).names if values.get(each) is None)
        why = str(error) if isinstance(error, ValueError) else type(error).__name__
        raise CannotCompute(f"{unknown[0]} is not known" if unknown else why) from error
