"""Letting go of a walked graph without ending the process.

Once `next_functions` of a long graph has been asked for, PyTorch 2.13 destroys the graph by
recursion in C, one call for each function, when the Python objects of its functions are gone before
it: after some 50,000 functions the stack is at its end, in a plain Python process too. Destroyed
from the root on, while the later functions still have their objects, nothing recurses.
"""

import weakref
from collections.abc import Iterable

import torch

from gradfn.recorder.read.graph import Walk
from gradfn.recorder.torch_internals import Node, history_of, without_user_hooks

SHORT = 2_000  # functions; a shorter graph can be destroyed in any order


def release(walk: Walk, tensors: Iterable[torch.Tensor]) -> None:
    """Let go of the functions once none of the tensors that reach them is alive, roots first."""
    if len(walk.functions) <= SHORT:
        return
    with without_user_hooks():
        holders = [each for each in tensors if history_of(each)[0] in walk.index]
    functions = walk.functions
    walk.index.clear()
    waiting = {id(each) for each in holders}

    def gone(key: int) -> None:
        waiting.discard(key)
        if not waiting:
            _Later(functions)

    for each in holders:
        weakref.finalize(each, gone, id(each)).atexit = False
    if not holders:
        _drop(functions)


class _Later:
    """Drops the functions when the garbage collector next comes by, for it is in a circle.

    The tensor that was the last to reach them is only about to be destroyed, and its function with
    it.
    """

    def __init__(self, functions: list[Node]) -> None:
        self._functions, self._self = functions, self

    def __del__(self) -> None:
        _drop(self._functions)


def _drop(functions: list[Node]) -> None:
    functions.reverse()
    while functions:
        functions.pop()
