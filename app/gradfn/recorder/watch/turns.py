"""How many turns a `for` loop will make, where that can be known without a trace.

Nothing is taken from an iterator for it, and no code of the program runs.
"""

import itertools
import operator
from types import GeneratorType
from typing import Any

import torch
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    SequentialSampler,
    Subset,
    TensorDataset,
)
from torch.utils.data.dataloader import _SingleProcessDataLoaderIter

from gradfn.recorder.watch.lengths import length_of

_SIZED = (range, list, tuple, dict, set, str)
_ENDLESS = (itertools.count, itertools.cycle)
ENDLESS = 2**62
_WRAPPERS = (enumerate, zip, reversed)


def turns_of(iterable: Any) -> int | None:
    """The number of turns that are left; None where nobody knows."""
    kind = type(iterable)
    if kind in _SIZED:
        return len(iterable)
    if kind in _ENDLESS:
        return ENDLESS
    if kind is torch.Tensor:
        return int(iterable.shape[0]) if iterable.dim() else None
    if kind is DataLoader:
        return _batches(iterable._index_sampler, iterable.dataset)
    if kind is _SingleProcessDataLoaderIter:  # what `enumerate` has of a DataLoader
        return _batches(iterable._index_sampler, iterable._dataset)
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


def _batches(sampler: Any, dataset: Any) -> int | None:
    """How often a DataLoader gives a batch, or an element where it makes none."""
    kind = type(sampler)
    if kind is BatchSampler:
        count, size = _batches(sampler.sampler, dataset), int(sampler.batch_size)
        if count is None:
            return None
        return count // size if sampler.drop_last else (count + size - 1) // size
    if kind is RandomSampler and sampler._num_samples is not None:
        return int(sampler._num_samples)
    if kind in (RandomSampler, SequentialSampler) and sampler.data_source is dataset:
        return _length(dataset)
    return None


def _length(dataset: Any) -> int | None:
    """The length of a dataset, for which no code of the program runs."""
    if type(dataset) is Subset:
        return len(dataset.indices) if type(dataset.indices) in _SIZED else None
    return len(dataset) if type(dataset) is TensorDataset else length_of(dataset)


def _shortest(parts: Any) -> int | None:
    """Of the iterators that an `enumerate` or a `zip` was made of."""
    parts = parts[0] if len(parts) == 1 and type(parts[0]) is tuple else parts
    counts = [turns_of(each) for each in parts if type(each) is not int]
    known = [each for each in counts if each is not None]
    return min(known) if len(known) == len(counts) > 0 else None
