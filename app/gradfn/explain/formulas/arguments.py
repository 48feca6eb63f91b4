"""The arguments of a function as numbers: from its inputs, what it saved, and the schema."""

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

from gradfn.explain.arrays.array import Array
from gradfn.explain.arrays.indices import Mask
from gradfn.explain.formulas.evaluate import CannotCompute, forward
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.explain.formulas.value_history import ValueHistory
from gradfn.model.document import Function, Operand, Saved, Tensor, TensorValue
from gradfn.pytorch.derivatives import definitions

MAX_ELEMENTS = 256  # of one tensor; a formula over more is not evaluated
MAX_PARTS = 64  # of a list
MAX_SIZE = 1_000_000  # of a dimension, a stride, a kernel


def arguments_of(
    function: Function, tensors: Mapping[str, Tensor], history: ValueHistory
) -> dict[str, Any]:
    """By argument of the schema: an Array, a number, a text, a list, or None.

    Values are those that the operation met. What is not known is absent. The results are there
    as `result`, `result0` …
    """

    def value_of(id: str) -> Array | None:
        tensor = tensors.get(id)
        if tensor is None or tensor.changed_since:
            return None
        return array_of(history.value(tensor, function.step))

    definition = definitions().get(function.name)
    values = dict(definition.defaults) if definition else {}
    for saved in function.saved:
        values |= _value_of(saved.name, saved, value_of)
    for operand in function.inputs:
        found = _value_of(operand.argument, operand, value_of)
        listed, _, nr = operand.argument.partition("[")  # `tensors[0]`: one of a list
        if nr:
            parts = values.get(listed) if nr != "0]" else []
            parts = parts if isinstance(parts, list) else []
            values[listed] = [*parts, found.get(operand.argument)]
        elif found or operand.tensor is not None:
            values.pop(operand.argument, None)  # rather nothing than what was saved of it
            values |= found
    for output in function.outputs:
        if (tensor := tensors.get(output)) and (array := value_of(output)):
            values[f"result{tensor.output_nr}"] = array
            if tensor.output_nr == 0:
                values["result"] = array
    types = definition.types if definition else {}
    known = {
        name: value
        for name, value in values.items()
        if name not in types or _is_a(value, types[name])
    }
    if "ignore_index" in types:  # saved without its sign, so a negative one is unknown
        known.setdefault("ignore_index", -100)
    return _without_doubtful(function.name, known, types)


def _without_doubtful(
    name: str, values: dict[str, Any], types: Mapping[str, str]
) -> dict[str, Any]:
    """Without the optional tensors recorded as None, if the result shows that they were given.

    A tensor that the recorder does not know is None as well.
    """
    doubtful = [each for each in values if types.get(each) == "Tensor?" and values[each] is None]
    result, operation = values.get("result"), OPERATIONS.get(name)
    if not doubtful or operation is None or not isinstance(result, Array):
        return values
    try:
        again = forward(operation, values)
    except CannotCompute:
        return values
    if again.shape == result.shape and all(map(_is_near, again.data, result.data)):
        return values
    return {each: value for each, value in values.items() if each not in doubtful}


def _is_near(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-2, abs_tol=1e-4) or a == b or (a != a and b != b)


def _is_a(value: Any, declared: str) -> bool:
    """Whether a value is what the schema says; a program's own class may have reported anything."""
    kind = declared.rstrip("?")
    if value is None:
        return declared.endswith("?") or "[" in kind
    if "[" in kind:
        parts = value if isinstance(value, list) else [value]
        inner = kind[: kind.index("[")] + "?" * (kind.startswith("Tensor"))
        small = len(parts) <= MAX_PARTS
        return small and all(_is_a(part, inner) and not _is_large(part) for part in parts)
    if kind == "Tensor":
        return isinstance(value, Array) or _is_number(value)
    if kind in ("Scalar", "float"):
        return _is_number(value)
    if kind in ("int", "SymInt"):
        return isinstance(value, int)
    return isinstance(value, {"bool": bool, "str": str}.get(kind, object))


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**53)


def _is_large(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > MAX_SIZE


def _value_of(
    name: str, given: Operand | Saved, value_of: Callable[[str], Array | None]
) -> dict[str, Any]:
    if given.tensor is not None:
        array = value_of(given.tensor)
        return {} if array is None else {name: array}
    return {name: _plain(given.value)}


def _plain(value: Any) -> Any:
    """A list in the form of text, as a list."""
    if isinstance(value, str) and value[:1] in ("(", "["):
        try:
            found = ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
        return list(found) if isinstance(found, tuple) else found
    return value


def array_of(value: TensorValue | None) -> Array | None:
    """The elements; None when they are not all known, too many, or complex."""
    if value is None or value.data is None or len(value.data) > MAX_ELEMENTS:
        return None
    numbers = []
    for each in value.data:
        if isinstance(each, list):
            return None
        numbers.append(float(each))  # "NaN" and "Infinity" are what float() reads, too
    kind = Mask if value.dtype == "bool" else Array
    try:
        return kind(value.shape, numbers)
    except ValueError:  # forged
        return None
