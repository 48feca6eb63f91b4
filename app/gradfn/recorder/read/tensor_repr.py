"""The repr of small tensors as torch writes it, without the dozens of operations that takes."""

import math
from typing import Any

import torch

from gradfn.recorder import torch_internals
from gradfn.recorder.torch_internals import TENSOR, TensorBase

MOST_ELEMENTS = 32  # no text of so many is too long to be shown whole
LINE_WIDTH = 80  # of torch's printing, as long as the program sets none
_PREFIX, _ROW_END = "tensor(", ",\n        "
_INTEGERS = (torch.int64, torch.bool)  # those that are written without their dtype


def small_repr(tensor: torch.Tensor) -> str | None:
    """The repr of a small ordinary vector, matrix or number; None where torch must write it.

    It has memory (`why_unreadable`), and no subclass and no mode takes part.
    """
    count, shape = TensorBase.numel(tensor), torch_internals.shape(tensor)
    if not 0 < count <= MOST_ELEMENTS or len(shape) > 2 or not _is_ordinary(tensor):
        return None
    elements = TensorBase.tolist(TensorBase.reshape(TensorBase.detach(tensor), -1))
    texts = list(map(str, elements))
    wide = texts
    if torch_internals.dtype(tensor) is torch.float32:
        sizes = [abs(each) for each in elements if each]
        if not all(map(math.isfinite, elements)) or (sizes and _is_scientific(sizes)):
            return None
        whole = all(each.is_integer() for each in elements)
        texts = [f"{each:.0f}." if whole else f"{each:.4f}" for each in elements]
        wide = [text for text, each in zip(texts, elements, strict=True) if each]
    width = max(map(len, wide), default=1)
    texts = [text.rjust(width) for text in texts]
    across = shape[-1] if shape else 1
    if len(_PREFIX) + 1 + across * (width + 2) > LINE_WIDTH:  # torch breaks the row
        return None
    rows = [f"[{', '.join(texts[at : at + across])}]" for at in range(0, count, across)]
    inner = rows[0] if len(shape) == 1 else f"[{_ROW_END.join(rows)}]" if shape else texts[0]
    text = f"{_PREFIX}{inner}"
    history = _history(tensor)
    last_line = len(text) - text.rfind("\n") + 1
    if history is None or last_line + len(history) + 2 > LINE_WIDTH:  # it takes two lines
        return None
    return f"{text}, {history})" if history else f"{text})"


def _is_ordinary(tensor: torch.Tensor) -> bool:
    kind = torch_internals.dtype(tensor)
    return (
        type(tensor) is TENSOR
        and (kind in _INTEGERS or (kind is torch.float32 and kind is torch.get_default_dtype()))
        and torch_internals.layout(tensor) is torch.strided
        and not torch_internals.is_meta(tensor)
        and not TensorBase.is_neg(tensor)
        and not torch_internals.is_zero(tensor)
        and not torch_internals.is_functional(tensor)
        and torch_internals.prints_as_ever()
    )


def _is_scientific(sizes: list[float]) -> bool:
    return max(sizes) / min(sizes) > 1000.0 or max(sizes) > 1.0e8 or min(sizes) < 1.0e-4


def _history(tensor: torch.Tensor) -> str | None:
    """What stands behind the elements, "" for nothing; None where torch must say."""
    try:
        function: Any = torch_internals.grad_fn(tensor)
    except RuntimeError:  # a view whose base was changed in a way that autograd forbids
        return None
    if function is None:
        return "requires_grad=True" if torch_internals.requires_grad(tensor) else ""
    name = type(function).__name__
    return None if name == "CppFunction" else f"grad_fn=<{name}>"
