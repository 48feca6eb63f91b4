"""From the roots to every function, by `next_functions`."""

import gc
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from gradfn.events.graph import EDGES_PER_FUNCTION, NO_SEQUENCE_NR
from gradfn.events.kinds import GraphWalked
from gradfn.recorder.read.text import clean
from gradfn.recorder.torch_internals import ACCUMULATE_GRAD, Node, sequence_nr

MAX_KINDS = 10_000  # of functions; only a program that makes classes in a loop has more


@dataclass(frozen=True, slots=True)
class Walk:
    """The functions in the order met, their index, and the event that lists them."""

    functions: list[Node]
    index: dict[Node, int]
    leaves: list[tuple[int, torch.Tensor]]  # every AccumulateGrad by its index, with its leaf
    walked: GraphWalked


def walk_functions(roots: Iterable[Node], max_functions: int) -> Walk:
    """Every function that the roots reach, each once, breadth first from one root after another.

    With a queue, never by recursion: a chain of 1,000 operations ends a recursive walk. The
    index holds the wrappers themselves, because ids of dead wrappers are given out again.
    Garbage collection is off meanwhile; it would only traverse what we build. Beyond
    `max_functions` an edge leads to None, and beyond EDGES_PER_FUNCTION times as many edges
    the rest is left out.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _walk(roots, max_functions)
    finally:
        if collecting:
            gc.enable()


def _walk(roots: Iterable[Node], max_functions: int) -> Walk:
    index: dict[Node, int] = {None: -1}
    functions: list[Node] = []
    offsets, targets, input_nrs = array("i", [0]), array("i"), array("i")
    # Looked up once: at a million functions each look-up costs a tenth of a second.
    place, add, add_offset = index.setdefault, functions.append, offsets.append
    add_target, add_input_nr = targets.append, input_nrs.append
    count = done = edges = 0
    max_edges = EDGES_PER_FUNCTION * max_functions
    truncated = False
    for root in roots:
        if root in index:
            continue
        if count == max_functions:
            truncated = True
            break
        index[root] = count
        add(root)
        count += 1
        while done < count:
            function = functions[done]
            done += 1
            next_functions = function.next_functions
            if len(next_functions) > max_edges - edges:
                truncated, next_functions = True, next_functions[: max_edges - edges]
            edges += len(next_functions)
            for target, input_nr in next_functions:
                position = place(target, count)
                if position == count:
                    if count < max_functions:
                        add(target)
                        count += 1
                    else:
                        del index[target]
                        truncated, position = True, -1
                add_target(position)
                add_input_nr(input_nr)
            add_offset(edges)
    del index[None]
    types = list(map(type, functions))
    kinds, kind_of = _kinds(functions, types)
    leaves = [
        (position, functions[position].variable)
        for position, type_ in enumerate(types)
        if type_ is ACCUMULATE_GRAD
    ]
    walked = GraphWalked(
        kinds=kinds,
        kind_of=kind_of.tobytes(),
        offsets=offsets.tobytes(),
        functions=targets.tobytes(),
        input_nrs=input_nrs.tobytes(),
        truncated=truncated,
        sequence_nrs=_sequence_nrs(functions).tobytes(),
    )
    return Walk(functions, index, leaves, walked)


def _sequence_nrs(functions: list[Node]) -> "array[int]":
    """PyTorch's numbers; a program never gets to one that would be cut."""
    return array("i", [sequence_nr(function) & NO_SEQUENCE_NR for function in functions])


def _kinds(functions: list[Node], types: list[type]) -> tuple[list[str], "array[int]"]:
    """The names of the functions as a table, and each function's place in it."""
    keys: list[Any] = types
    if any(type_.__name__ == "CppFunction" for type_ in dict.fromkeys(types)):
        # C++ nodes that torch has no Python class for share one: tell them by name().
        keys = [
            function.name() if type_.__name__ == "CppFunction" else type_
            for function, type_ in zip(functions, types, strict=True)
        ]
    table = {key: min(at, MAX_KINDS - 1) for at, key in enumerate(dict.fromkeys(keys))}
    names = [
        clean(key.removeprefix("torch::autograd::") if type(key) is str else key.__name__, 200)
        for key in islice(table, MAX_KINDS)
    ]
    if len(table) > MAX_KINDS:
        names[-1] = "…"
    return names, array("i", map(table.__getitem__, keys))
