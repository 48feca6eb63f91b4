"""The elements of a tensor as numbers that JSON can carry."""

import math
from typing import Any

import torch

from gradfn.events.kinds import MAX_VALUES_IN_ALL
from gradfn.events.values import Summary, TensorValue
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.text import clean, type_name
from gradfn.recorder.read.torch_internals import (
    dtype,
    is_meta,
    is_nested,
    is_quantized,
    layout,
    shape,
)

SUMMARY_ELEMENTS = 20_000_000  # in all summaries of one run; they take about half a second
MAX_DIMENSIONS = 64  # as the wire allows

_Base: Any = torch._C.TensorBase  # its methods, which no program can replace
_tensor = torch.tensor
_norm = torch.linalg.vector_norm
_validate_coo: Any = torch._validate_sparse_coo_tensor_args
_validate_compressed: Any = torch._validate_sparse_compressed_tensor_args
_PYTHON = torch._C.DispatchKey.Python


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
            # One tensor that torch cannot read never costs the rest; the reader is told.
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
        foreign = torch._C._dispatch_keys(tensor).has(_PYTHON)
        return "It keeps no elements of its own." if foreign else None
    if _bytes_reached(tensor) > _Base.untyped_storage(tensor).nbytes():
        return "Its memory is freed."
    try:
        missing = _Base.numel(tensor) > 0 and _Base.data_ptr(tensor) == 0
    except RuntimeError:  # a fake tensor, a zero tensor
        missing = True
    return "It keeps no elements of its own." if missing else None


def _bytes_reached(tensor: torch.Tensor) -> int:
    """How far into its storage the last element lies."""
    sizes, strides = shape(tensor), _Base.stride(tensor)
    if 0 in sizes:
        return 0
    last = sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
    reached: int = (_Base.storage_offset(tensor) + last + 1) * _Base.element_size(tensor)
    return reached


def _dense(tensor: torch.Tensor) -> Any:
    tensor = _Base.detach(tensor)
    if is_quantized(tensor):
        return _Base.dequantize(tensor)
    if layout(tensor) is torch.strided:
        return tensor
    _check_indices(tensor)
    return _Base.to_dense(tensor)


def _check_indices(tensor: torch.Tensor) -> None:
    """RuntimeError when the indices lead out of the tensor: torch itself would follow them."""
    match layout(tensor):
        case torch.sparse_coo:
            indices, values = _Base._indices(tensor), _Base._values(tensor)
            _validate_coo(indices, values, shape(tensor))
        case torch.sparse_csr | torch.sparse_bsr as kind:
            rows, columns = _Base.crow_indices(tensor), _Base.col_indices(tensor)
            _validate_compressed(rows, columns, _Base.values(tensor), shape(tensor), kind)
        case torch.sparse_csc | torch.sparse_bsc as kind:
            columns, rows = _Base.ccol_indices(tensor), _Base.row_indices(tensor)
            _validate_compressed(columns, rows, _Base.values(tensor), shape(tensor), kind)


def _elements(tensor: torch.Tensor) -> list[Any]:
    flat = _Base.reshape(_Base.resolve_neg(_Base.resolve_conj(tensor)), -1)
    if _Base.is_floating_point(flat) and _Base.element_size(flat) == 1:
        flat = _Base.float(flat)  # the 8-bit floats have no tolist
    elements: list[Any] = _Base.tolist(flat)
    if _Base.is_complex(flat):
        return [[number(each.real), number(each.imag)] for each in elements]
    if _Base.is_floating_point(flat) and not all(map(math.isfinite, elements)):
        return [number(each) for each in elements]
    return elements


def captured_value(captured: Captured | None, max_values: int) -> TensorValue | None:
    """What was copied from a tensor in passing, as `Values.read` tells of one that is there."""
    if captured is None:
        return None
    kind = str(captured.dtype).removeprefix("torch.")
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
            elements = _tensor(elements, dtype=captured.dtype)
        if _Base.numel(elements) == captured.count <= max_values:
            return TensorValue(sizes, kind, _elements(elements), None)
        return TensorValue(sizes, kind, None, _summarise(elements))
    except Exception:  # as in `read`: one value never costs the rest
        return TensorValue(sizes, kind, None, None)


def number(value: float) -> Any:
    """The float, or its name when JSON has no such number."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _summarise(tensor: torch.Tensor) -> Summary:
    """What `Summary` promises, in float64. Complex numbers have no order: no min, max, std."""
    flat = _Base.reshape(tensor, -1)
    is_complex = _Base.is_complex(flat)
    flat = _Base.to(flat, torch.complex128) if is_complex else _Base.double(flat)
    zeros = _Base.numel(flat) - int(_Base.item(_Base.count_nonzero(flat)))
    is_finite = _Base.isfinite(flat)
    finite = flat if _Base.item(_Base.all(is_finite)) else _Base.masked_select(flat, is_finite)
    count = _Base.numel(finite)
    nonfinite = _Base.numel(flat) - count
    if count == 0:
        return Summary(None, None, None, None, None, zeros, nonfinite)
    norm = number(_Base.item(_norm(finite)))
    if is_complex:
        return Summary(None, None, None, None, norm, zeros, nonfinite)
    low, high = _Base.aminmax(finite)
    return Summary(
        min=number(_Base.item(low)),
        max=number(_Base.item(high)),
        mean=number(_Base.item(_Base.mean(finite))),
        std=number(_Base.item(_Base.std(finite))) if count > 1 else None,
        norm=norm,
        zeros=zeros,
        nonfinite=nonfinite,
    )
