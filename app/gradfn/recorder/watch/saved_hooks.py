"""Which nodes keep their tensors by hooks of the program: reading those would run its code."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradfn.recorder.torch_internals import (
    AUTOGRAD,
    POP_HOOKS,
    PUSH_HOOKS,
    Node,
    next_sequence_nr,
    sequence_nr,
)


class SavedTensorHooks:
    """The times, in PyTorch's numbering of nodes, when default hooks for saved tensors were on."""

    def __init__(self, *, everything: bool = False, since: int = 0) -> None:
        self._everything, self._since = everything, since  # of nodes before it nothing is known
        self._moments, self._depths = array("q", [0]), array("i", [0])

    def change(self, by: int) -> None:
        """A pair of hooks was put on, or taken off."""
        self._moments.append(max(next_sequence_nr(), self._moments[-1]))
        self._depths.append(self._depths[-1] + by)

    def covers(self, node: Node) -> bool:
        """Whether a node was made while hooks were on."""
        if len(self._moments) == 1 and not self._since:
            return self._everything
        if (number := sequence_nr(node)) < self._since:
            return True
        at = bisect_right(self._moments, number) - 1
        return self._everything or self._depths[at] > 0


@contextmanager
def watched_hooks(hooked: SavedTensorHooks) -> Iterator[None]:
    """Meanwhile hooks for saved tensors are noted as they come and go; checkpoint uses them."""
    if AUTOGRAD is None:
        yield
        return
    push = getattr(AUTOGRAD, PUSH_HOOKS)
    pop = getattr(AUTOGRAD, POP_HOOKS)

    def _push_saved_tensors_default_hooks(pack: Any, unpack: Any) -> Any:
        hooked.change(+1)
        return push(pack, unpack)

    def _pop_saved_tensors_default_hooks() -> Any:
        hooked.change(-1)
        return pop()

    setattr(AUTOGRAD, PUSH_HOOKS, _push_saved_tensors_default_hooks)
    setattr(AUTOGRAD, POP_HOOKS, _pop_saved_tensors_default_hooks)
    try:
        yield
    finally:
        setattr(AUTOGRAD, PUSH_HOOKS, push)
        setattr(AUTOGRAD, POP_HOOKS, pop)
