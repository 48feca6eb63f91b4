"""How many turns a `for` loop will make, where that can be known without a trace.

Nothing is taken from an iterator for it, and no code of the program runs.
"""

import operator
from types import GeneratorType
from typing import Any

import torch
from torch.utils.data import DataLoader, Subset, TensorDataset
from torch.utils.data.dataloader import _SingleProcessDataLoaderIter

_SIZED = (range, list, tuple, dict, set, str)
_WRAPPERS = (enumerate, zip, reversed)


def turns_of(iterable: Any) -> int | None:
    """The number of turns that are left; None where nobody knows."""
    kind = type(iterable)
    if kind in _SIZED:
        return len(iterable)
    if kind is torch.Tensor:
        return int(iterable.shape[0]) if iterable.dim() else None
    if kind is DataLoader:
        return len(iterable) if _is_torchs(iterable.dataset) else None
    if kind is _SingleProcessDataLoaderIter:  # what `enumerate` has of a DataLoader
        return len(iterable._index_sampler) if _is_torchs(iterable._dataset) else None
    if kind in _WRAPPERS:
        return _shortest(iterable.__reduce__()[1])
    if kind is GeneratorType:  # what `enumerate` has of a progress bar
        frame = iterable.gi_frame
        iterable = frame.f_locals.get("self") if frame is not None else None
    if type(iterable).__module__.startswith("tqdm."):
        total = vars(iterable).get("total")
        return total if type(total) is int else None
    if type(iterable).__module__ == "builtins":
        hint = operator.length_hint(iterable, -1)
        return hint if hint >= 0 else None
    return None


def _is_torchs(dataset: Any) -> bool:
    """Whether its length is asked of no code of the program."""
    while type(dataset) is Subset:
        dataset = dataset.dataset
    return type(dataset) is TensorDataset


def _shortest(parts: Any) -> int | None:
    """Of the iterators that an `enumerate` or a `zip` was made of."""
    parts = parts[0] if len(parts) == 1 and type(parts[0]) is tuple else parts
    counts = [turns_of(each) for each in parts if type(each) is not int]
    known = [each for each in counts if each is not None]
    return min(known) if len(known) == len(counts) > 0 else None
