"""Tensors that are swapped, which PyTorch refuses while there are weak references to them."""

import types
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradfn.recorder.torch_internals import SWAPPING, SWAPPING_WEAKREF


@contextmanager
def watched_swaps(forget: Callable[[Any], None]) -> Iterator[None]:
    """Meanwhile a tensor is forgotten before `torch.utils.swap_tensors` looks at its references.

    Then only the program's own are left. It is known again when the program next uses it.
    """

    def getweakrefs(thing: Any) -> list[Any]:
        forget(thing)
        return weakref.getweakrefs(thing)

    if SWAPPING is None:
        yield
        return
    plain = getattr(SWAPPING, SWAPPING_WEAKREF)
    watched = types.ModuleType(plain.__name__)
    vars(watched).update(vars(plain), getweakrefs=getweakrefs)
    setattr(SWAPPING, SWAPPING_WEAKREF, watched)
    try:
        yield
    finally:
        setattr(SWAPPING, SWAPPING_WEAKREF, plain)
