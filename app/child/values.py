"""The elements of a tensor as numbers that JSON can carry."""

import math
from contextlib import ExitStack
from typing import Any

import torch

from app.events.kinds import Summary, TensorValue

SUMMARY_ELEMENTS = 50_000_000  # beyond, a summary would take seconds


def undisturbed() -> ExitStack:
    """A context in which reading a tensor runs no code of the program and records nothing.

    Subclasses and modes that the program left active would otherwise take part.
    """
    stack = ExitStack()
    stack.enter_context(torch._C.DisableTorchFunction())
    stack.enter_context(torch._C._DisableTorchDispatch())
    stack.enter_context(torch.no_grad())
    return stack


def read_value(tensor: torch.Tensor, max_values: int) -> TensorValue:
    """The value of `tensor`, summarised above `max_values` elements.

    Call it inside `undisturbed()`. What has no elements to read (meta tensors) has neither
    `data` nor `summary`; RuntimeError for what torch cannot turn into a dense tensor.
    """
    shape = list(tensor.shape)
    dtype = str(tensor.dtype).removeprefix("torch.")
    if tensor.is_meta:
        return TensorValue(shape, dtype, None, None)
    count = math.prod(shape)
    if count > max_values:
        summary = _summarise(tensor) if count <= SUMMARY_ELEMENTS else None
        return TensorValue(shape, dtype, None, summary)
    return TensorValue(shape, dtype, _elements(_dense(tensor)), None)


def _dense(tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.detach()
    if tensor.is_quantized:
        return tensor.dequantize()
    if tensor.layout is not torch.strided:
        return tensor.to_dense()
    return tensor


def _elements(tensor: torch.Tensor) -> list[Any]:
    flat = tensor.resolve_conj().resolve_neg().reshape(-1)
    if flat.is_floating_point() and flat.element_size() == 1:
        flat = flat.float()  # the 8-bit floats have no tolist
    elements: list[Any] = flat.tolist()
    if flat.is_complex():
        return [[number(each.real), number(each.imag)] for each in elements]
    if flat.is_floating_point() and not all(map(math.isfinite, elements)):
        return [number(each) for each in elements]
    return elements


def number(value: float) -> Any:
    """The float, or its name when JSON has no such number."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _summarise(tensor: torch.Tensor) -> Summary | None:
    """What `Summary` promises, in float64; None for complex tensors, which have no order."""
    flat = _dense(tensor).reshape(-1)
    if flat.is_complex():
        return None
    flat = flat.double()
    finite = flat[flat.isfinite()]
    nonfinite = flat.numel() - finite.numel()
    zeros = int((flat == 0).sum())
    if finite.numel() == 0:
        return Summary(None, None, None, None, None, zeros, nonfinite)
    low, high = finite.aminmax()
    return Summary(
        min=number(low.item()),
        max=number(high.item()),
        mean=number(finite.mean().item()),
        std=number(finite.std().item()) if finite.numel() > 1 else None,
        norm=number(torch.linalg.vector_norm(finite).item()),
        zeros=zeros,
        nonfinite=nonfinite,
    )
