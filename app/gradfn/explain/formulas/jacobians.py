"""J itself, where it is small."""

import math
from collections.abc import Mapping
from typing import Any

from gradfn.explain.arrays.array import Array, full
from gradfn.explain.formulas.evaluate import CannotCompute, forward, vjp
from gradfn.explain.formulas.operation import Operation
from gradfn.model.document import TensorValue

MAX_JACOBIAN = 64


def jacobian(
    operation: Operation, argument: str, values: Mapping[str, Any], nr: int = 0
) -> TensorValue | None:
    """A row for each output element, by vᵀ·J with every unit vector for v; None if too large."""
    of = values.get(argument)
    if isinstance(of, list):
        of = of[nr] if nr < len(of) else None
    if not isinstance(of, Array) or len(operation.forward) > 1:
        return None
    try:
        out = forward(operation, values)
        if not 1 <= out.size * of.size <= MAX_JACOBIAN:
            return None
        units = (_unit(out.shape, row) for row in range(out.size))
        rows = [vjp(operation, argument, values, [unit], nr).data for unit in units]
    except CannotCompute:
        return None
    return tensor_value(Array((out.size, of.size), [x for row in rows for x in row]))


def _unit(shape: tuple[int, ...], nr: int) -> Array:
    data = full(shape, 0.0).data
    data[nr] = 1.0
    return Array(shape, data)


def tensor_value(array: Array) -> TensorValue:
    """As the run document has it, in float64."""
    return TensorValue(list(array.shape), "float64", [_json(x) for x in array.data], None)


def _json(x: float) -> Any:
    return x if math.isfinite(x) else "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
