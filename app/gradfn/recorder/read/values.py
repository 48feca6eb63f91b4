"""The elements of a tensor as numbers that JSON can carry."""

import math
from functools import cache
from typing import Any

import torch

from gradfn.events.graph import MAX_VALUES_IN_ALL
from gradfn.events.values import Summary, TensorValue
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.text import clean, type_name
from gradfn.recorder.torch_internals import (
    TensorBase,
    computes_in_python,
    dtype,
    is_meta,
    is_nested,
    is_quantized,
    layout,
    shape,
    validate_compressed,
    validate_coo,
)

SUMMARY_ELEMENTS = 20_000_000  # in all summaries of one run; they take about half a second
MAX_DIMENSIONS = 64  # as the wire allows

# Their numbers are those that `tolist` gives.
_LISTED_AS_THEY_ARE = frozenset(
    (
        *(torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.bool),
        *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8),
    )
)
_tensor = torch.tensor
_norm = torch.linalg.vector_norm


class Values:
    """Reads values: listed up to `max_values` elements, else summarised, else only a shape.

    After MAX_VALUES_IN_ALL elements no more are listed.
    """

    def __init__(self, max_values: int) -> None:
        self._max_values, self._summaries_left = max_values, SUMMARY_ELEMENTS
        self._values_left = MAX_VALUES_IN_ALL

    def read(self, tensor: torch.Tensor) -> tuple[TensorValue | None, str | None]:
        """The value, and in words what of it is not shown.

        Call it inside `without_user_hooks()`.
        """
        if (reason := why_unreadable(tensor)) is not None:
            return None, reason
        try:
            return self._read(tensor)
        except Exception as error:
            # One tensor that torch cannot read never costs the rest; a note says so.
            kind, reason = type_name(tensor), clean(str(error), 200)
            return None, f"The value of this {kind} cannot be read: {reason}"

    def _read(self, tensor: torch.Tensor) -> tuple[TensorValue, str | None]:
        sizes, kind = list(shape(tensor)), str(dtype(tensor)).removeprefix("torch.")
        count = math.prod(sizes)
        if is_meta(tensor):
            return TensorValue(sizes, kind, None, None), "A meta tensor has no elements."
        if count <= min(self._max_values, self._values_left):
            self._values_left -= count
            return TensorValue(sizes, kind, _elements(_dense(tensor)), None), None
        if count > self._summaries_left:
            return TensorValue(sizes, kind, None, None), "Too many elements to summarise."
        self._summaries_left -= count
        return TensorValue(sizes, kind, None, _summarise(_dense(tensor))), None


def why_unreadable(tensor: torch.Tensor) -> str | None:
    """In words why torch has no elements to give, None if it has.

    Asked first, because C++ would follow a null pointer. Call it inside `without_user_hooks()`.
    """
    if is_nested(tensor):
        return "A nested tensor has no one shape."
    if len(shape(tensor)) > MAX_DIMENSIONS:
        return f"It has more than {MAX_DIMENSIONS} dimensions."
    if is_meta(tensor):
        return None
    if layout(tensor) is not torch.strided:
        foreign = computes_in_python(tensor)
        return "It keeps no elements of its own." if foreign else None
    if _bytes_reached(tensor) > TensorBase.untyped_storage(tensor).nbytes():
        return "Its memory is freed."
    try:
        missing = TensorBase.numel(tensor) > 0 and TensorBase.data_ptr(tensor) == 0
    except RuntimeError:  # a fake tensor, a zero tensor
        missing = True
    return "It keeps no elements of its own." if missing else None


def _bytes_reached(tensor: torch.Tensor) -> int:
    """How far into its storage the last element lies."""
    sizes, strides = shape(tensor), TensorBase.stride(tensor)
    if 0 in sizes:
        return 0
    last = sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
    reached: int = (TensorBase.storage_offset(tensor) + last + 1) * TensorBase.element_size(tensor)
    return reached


def _dense(tensor: torch.Tensor) -> Any:
    tensor = TensorBase.detach(tensor)
    if is_quantized(tensor):
        return TensorBase.dequantize(tensor)
    if layout(tensor) is torch.strided:
        return tensor
    _check_indices(tensor)
    return TensorBase.to_dense(tensor)


def _check_indices(tensor: torch.Tensor) -> None:
    """RuntimeError when the indices lead out of the tensor: torch itself would follow them."""
    match layout(tensor):
        case torch.sparse_coo:
            indices, values = TensorBase._indices(tensor), TensorBase._values(tensor)
            validate_coo(indices, values, shape(tensor))
        case torch.sparse_csr | torch.sparse_bsr as kind:
            rows, columns = TensorBase.crow_indices(tensor), TensorBase.col_indices(tensor)
            validate_compressed(rows, columns, TensorBase.values(tensor), shape(tensor), kind)
        case torch.sparse_csc | torch.sparse_bsc as kind:
            columns, rows = TensorBase.ccol_indices(tensor), TensorBase.row_indices(tensor)
            validate_compressed(columns, rows, TensorBase.values(tensor), shape(tensor), kind)


def _elements(tensor: torch.Tensor) -> list[Any]:
    flat = TensorBase.reshape(TensorBase.resolve_neg(TensorBase.resolve_conj(tensor)), -1)
    if TensorBase.is_floating_point(flat) and TensorBase.element_size(flat) == 1:
        flat = TensorBase.float(flat)  # the 8-bit floats have no tolist
    elements: list[Any] = TensorBase.tolist(flat)
    if TensorBase.is_complex(flat):
        return [[number(each.real), number(each.imag)] for each in elements]
    if TensorBase.is_floating_point(flat) and not all(map(math.isfinite, elements)):
        return [number(each) for each in elements]
    return elements


def captured_value(captured: Captured | None, max_values: int) -> TensorValue | None:
    """What was copied from a tensor in passing, as `Values.read` has one that is there."""
    if captured is None:
        return None
    kind = _name_of(captured.dtype)
    try:
        sizes = list(map(int, captured.shape))  # a nested tensor has symbols in it
    except Exception:
        return None
    if len(sizes) > MAX_DIMENSIONS:
        return None
    if captured.elements is None:
        return TensorValue(sizes, kind, None, None)
    try:
        elements = captured.elements
        if not isinstance(elements, torch.Tensor):
            if captured.count <= max_values and captured.dtype in _LISTED_AS_THEY_ARE:
                return TensorValue(sizes, kind, _flat(elements, len(sizes)), None)
            elements = _tensor(elements, dtype=captured.dtype)
        if TensorBase.numel(elements) == captured.count <= max_values:
            return TensorValue(sizes, kind, _elements(elements), None)
        return TensorValue(sizes, kind, None, _summarise(elements))
    except Exception:  # as in `read`: one value never costs the rest
        return TensorValue(sizes, kind, None, None)


@cache
def _name_of(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _flat(elements: Any, dimensions: int) -> list[Any]:
    """What `tolist` gave of so many dimensions, as numbers that JSON can carry."""
    flat: list[Any] = elements if dimensions else [elements]
    for _ in range(dimensions - 1):
        flat = [each for row in flat for each in row]
    return flat if all(map(math.isfinite, flat)) else [number(each) for each in flat]


def number(value: float) -> Any:
    """The float, or its name when JSON has no such number."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _summarise(tensor: torch.Tensor) -> Summary:
    """What `Summary` promises, in float64. Complex numbers have no order: no min, max, std."""
    flat = TensorBase.reshape(tensor, -1)
    is_complex = TensorBase.is_complex(flat)
    flat = TensorBase.to(flat, torch.complex128) if is_complex else TensorBase.double(flat)
    zeros = TensorBase.numel(flat) - int(TensorBase.item(TensorBase.count_nonzero(flat)))
    is_finite = TensorBase.isfinite(flat)
    finite = (
        flat
        if TensorBase.item(TensorBase.all(is_finite))
        else TensorBase.masked_select(flat, is_finite)
    )
    count = TensorBase.numel(finite)
    nonfinite = TensorBase.numel(flat) - count
    if count == 0:
        return Summary(None, None, None, None, None, zeros, nonfinite)
    norm = number(TensorBase.item(_norm(finite)))
    if is_complex:
        return Summary(None, None, None, None, norm, zeros, nonfinite)
    low, high = TensorBase.aminmax(finite)
    return Summary(
        min=number(TensorBase.item(low)),
        max=number(TensorBase.item(high)),
        mean=number(TensorBase.item(TensorBase.mean(finite))),
        std=number(TensorBase.item(TensorBase.std(finite))) if count > 1 else None,
        norm=norm,
        zeros=zeros,
        nonfinite=nonfinite,
    )
