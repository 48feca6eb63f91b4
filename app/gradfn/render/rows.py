"""The text of the picture: the rows of a tensor's box and of an error's octagon."""

import itertools
import math
import textwrap
from collections.abc import Mapping, Sequence

from gradfn.model.document import Error, Function, Operand, Tensor, TensorValue
from gradfn.render.quote import MAX_CHARACTERS, shown

LISTED_ELEMENTS = 4  # a larger tensor is named by its shape
VALUE_CHARACTERS = 24
KEY_CHARACTERS = 16
GRAD_CHARACTERS = 9
THUMBNAIL, THUMBNAIL_ELEMENTS = (
    3,
    6,
)  # columns for a heat map, which the page draws; the fewest in it

LISTED_OPERANDS = 2
SIGNS = {"mul": "×", "add": "+", "sub": "−", "rsub": "−", "div": "÷", "pow": "^"}

# Factors of summands, which PyTorch puts in, and the number of a word such as "mean".
_PYTORCHS_OWN = {"alpha", "beta", "reduction"}

_NON_FINITE = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}


def full_rows(tensor: Tensor, names: Mapping[str, str]) -> tuple[str, ...]:
    """Everything about a tensor; `names` are those of the functions, by id."""
    if not tensor.alive and not tensor.names:
        return (value_text(tensor.value),)  # a literal that is used once, as `torch.tensor(3.0)`
    name, value = name_of(tensor), value_text(tensor.value)
    first = f"{name} = {value}"
    grad_fn = None if tensor.grad_fn is None else names.get(tensor.grad_fn, tensor.grad_fn)
    return (
        *((first,) if len(first) <= MAX_CHARACTERS else (name, f"= {value}")),
        _row("is_leaf", tensor.is_leaf),
        _row("requires_grad", tensor.requires_grad),
        _row("grad", None if tensor.grad is None else value_text(tensor.grad)),
        _row("grad_fn", grad_fn if grad_fn is None else shown(grad_fn)),
    )


def compact_rows(tensor: Tensor) -> tuple[str, ...]:
    """A tensor's name and value, and its gradient where it has one or will get one."""
    if not tensor.alive and not tensor.names:
        return (value_text(tensor.value),)
    name, value = name_of(tensor), _compact_text(tensor.value)
    keeps = tensor.requires_grad and (tensor.is_leaf or tensor.retains_grad)
    grad = "None" if tensor.grad is None else _compact_text(tensor.grad)
    room = THUMBNAIL if _is_matrix(tensor.value) else 0
    has_grad = keeps or tensor.grad is not None
    if has_grad:
        room = room * 5 // 3  # as wide as the box is high
    first = f"{name} = {value}"
    lines = (first,) if len(first) <= MAX_CHARACTERS else (name, f"= {value}")
    return (
        *(f"{line}{' ' * room}" for line in lines),
        # As wide as a number that comes later, in the film and in live runs.
        *(
            (f"grad {grad:<{GRAD_CHARACTERS if not room else len(grad) + room}}",)
            if has_grad
            else ()
        ),
    )


def brief_rows(tensor: Tensor) -> tuple[str, ...]:
    """A tensor's name and shape, for a picture with many of them."""
    shape = () if tensor.value is None else (str(tuple(tensor.value.shape)),)
    return (name_of(tensor), *shape) if tensor.names or not shape else shape


def function_rows(function: Function) -> tuple[str, ...]:
    """A function's name, and the plain numbers it took: `× 2` where there is a sign for it."""
    name, plain = shown(function.name), [each for each in function.inputs if _is_number(each)]
    op = (function.op or "").removeprefix("aten::").partition(".")[0].rstrip("_")
    if op in SIGNS and len(plain) == 1:
        number = _plain_text(plain[0])
        first = op == "rsub" or function.inputs[0] is plain[0]
        return (name, f"{number} {SIGNS[op]}" if first else f"{SIGNS[op]} {number}")
    listed = (f"{shown(each.argument, 16)} {_plain_text(each)}" for each in plain)
    return (name, *itertools.islice(listed, LISTED_OPERANDS))


def name_of(tensor: Tensor, limit: int = MAX_CHARACTERS) -> str:
    """All names of a tensor, or that it has none."""
    if not tensor.names:
        return "(unnamed)"
    each = [shown(name, limit) for name in tensor.names[:3]]
    return shown(", ".join(each), limit)


def error_rows(error: Error) -> tuple[str, ...]:
    """What went wrong, where, and the message in two short lines."""
    what = shown(error.type or error.kind, 28)
    where = what if error.line is None else f"{what}, line {error.line}"
    message = shown(error.message, 4 * MAX_CHARACTERS) if error.message.strip() else ""
    lines = textwrap.wrap(message, MAX_CHARACTERS, max_lines=2, placeholder=" …")
    return (where, *lines)


def value_text(value: TensorValue | None) -> str:
    """A tensor's elements as PyTorch nests them, or its shape and dtype when they are many."""
    if value is None:
        return "(not shown)"
    shape = tuple(value.shape)
    if value.data and len(value.data) == math.prod(shape) <= LISTED_ELEMENTS:
        text = _nested([number_text(number) for number in value.data], shape)
        if len(text) <= VALUE_CHARACTERS:
            return text
    return f"{shape} {shown(value.dtype, 16)}"


def number_text(number: float | str | Sequence[float | str]) -> str:
    """A number to 5 significant digits, as Python writes it; integers are exact."""
    if isinstance(number, str):
        return _NON_FINITE[number]
    if isinstance(number, Sequence):
        real, imaginary = (number_text(part) for part in number)
        return f"{real}{'' if imaginary.startswith('-') else '+'}{imaginary}j"
    if not isinstance(number, float):
        return str(number)
    text = f"{number:.5g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def _compact_text(value: TensorValue | None) -> str:
    """Without the dtype that tensors have unless one asks for another."""
    return value_text(value).removesuffix(" float32")


def _is_matrix(value: TensorValue | None) -> bool:
    """Whether it is a matrix, or several, with its elements."""
    return (
        value is not None
        and value.data is not None
        and len(value.shape) > 1
        and min(value.shape[-2:]) > 1
        and len(value.data) >= THUMBNAIL_ELEMENTS
    )


def _is_number(operand: Operand) -> bool:
    """Whether it is a plain number that the program may have passed."""
    value = operand.value
    if isinstance(value, str):
        return value in _NON_FINITE
    if value is None or isinstance(value, bool):
        return False
    return operand.argument not in _PYTORCHS_OWN or value != 1


def _plain_text(operand: Operand) -> str:
    assert operand.value is not None  # as `_is_number` has asked
    return number_text(operand.value)


def _nested(numbers: Sequence[str], shape: Sequence[int]) -> str:
    if not shape:
        return numbers[0]
    stride = len(numbers) // shape[0]
    parts = (numbers[at * stride : (at + 1) * stride] for at in range(shape[0]))
    return f"[{', '.join(_nested(part, shape[1:]) for part in parts)}]"


def _row(key: str, value: object) -> str:
    return f"{key:<{KEY_CHARACTERS}}{value}"
