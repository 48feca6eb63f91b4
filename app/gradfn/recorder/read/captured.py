"""A tensor's elements, copied in passing."""

from typing import Any

import torch


class Captured:
    """The elements of a tensor at one moment: all of them, or `count` of many."""

    __slots__ = ("count", "dtype", "elements", "shape")

    def __init__(self, shape: torch.Size, dtype: torch.dtype, elements: Any, count: int) -> None:
        self.shape, self.dtype, self.elements, self.count = shape, dtype, elements, count
