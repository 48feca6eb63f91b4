"""Searches among all objects of a process, of which a notebook has millions.

So each is a loop in C, and takes some tens of milliseconds for half a million objects.
"""

from collections.abc import Iterator
from gc import get_referents
from itertools import compress
from typing import cast

import torch

AT_ONCE = 10_000  # objects, whose parts are a list for a moment


def tensors_among(objects: list[object]) -> Iterator[torch.Tensor]:
    """The tensors, of whatever subclass; no code of a subclass or a metaclass is run."""
    # There may be many objects, but few classes; by id, for a metaclass may have its own idea of
    # equality.
    kinds = list(map(type, objects))
    keys = list(map(id, kinds))
    of_tensors = {
        key
        for key, kind in dict(zip(keys, kinds, strict=True)).items()
        if type.__subclasscheck__(torch.Tensor, kind)
    }
    return cast(Iterator[torch.Tensor], compress(objects, map(of_tensors.__contains__, keys)))


def referred_to(things: list[torch.Tensor], objects: list[object]) -> set[int]:
    """The ids of those things that one of the objects refers to."""
    asked = set(map(id, things))
    held: set[int] = set()
    for start in range(0, len(objects), AT_ONCE):
        parts = get_referents(*objects[start : start + AT_ONCE])
        held |= asked.intersection(map(id, parts))
    return held
