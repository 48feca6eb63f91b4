"""From the roots to every function, by `next_functions`."""

import gc
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.child.text import clean
from app.events.kinds import GraphWalked

Node = Any  # torch has no public class for the nodes of C++


@dataclass(frozen=True, slots=True)
class Walk:
    """The functions in the order met, their index, and the record that tells of them."""

    functions: list[Node]
    index: dict[Node, int]
    walked: GraphWalked


def walk_functions(roots: Iterable[Node], max_functions: int) -> Walk:
    """Every function that the roots reach, each once, breadth first.

    With a queue, never by recursion: a chain of 1,000 operations ends a recursive walk. The
    index holds the wrappers themselves, because ids of dead wrappers are given out again.
    Garbage collection is off meanwhile; it would only traverse what we build. Beyond
    `max_functions` an edge leads to None.
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
    truncated = False
    for root in roots:
        if root in index:
            continue
        if len(functions) == max_functions:
            truncated = True
            break
        index[root] = len(functions)
        functions.append(root)
    offsets, targets, input_nrs = array("i", [0]), array("i"), array("i")
    count = len(functions)
    for function in functions:  # grows while we go: the list is the queue
        for target, input_nr in function.next_functions:
            position = index.setdefault(target, count)
            if position == count:
                if count < max_functions:
                    functions.append(target)
                    count += 1
                else:
                    del index[target]
                    truncated, position = True, -1
            targets.append(position)
            input_nrs.append(input_nr)
        offsets.append(len(targets))
    kinds, kind_of = _kinds(functions)
    del index[None]
    walked = GraphWalked(
        kinds=kinds,
        kind_of=kind_of.tobytes(),
        offsets=offsets.tobytes(),
        functions=targets.tobytes(),
        input_nrs=input_nrs.tobytes(),
        truncated=truncated,
    )
    return Walk(functions, index, walked)


def _kinds(functions: list[Node]) -> tuple[list[str], "array[int]"]:
    """The names of the functions as a table, and each function's place in it."""
    table: dict[Any, int] = {}
    names: list[str] = []
    kind_of = array("i")
    for function, kind in zip(functions, map(type, functions), strict=True):
        # C++ nodes that torch has no Python class for share one: tell them by name().
        key = function.name() if kind.__name__ == "CppFunction" else kind
        position = table.setdefault(key, len(names))
        if position == len(names):
            name = key.rpartition("::")[2] if isinstance(key, str) else kind.__name__
            names.append(clean(name, 200))
        kind_of.append(position)
    return names, kind_of
