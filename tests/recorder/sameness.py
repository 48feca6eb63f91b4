"""A graph as a thing that is equal to another exactly when they are the same but for ids.

Every function gets a colour from all that it reaches, and one from all that reaches it; graphs
are compared by the colours of their functions, edges and tensors, counted.
"""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True)
class Canonical:
    """What two readings of one program must have in common."""

    functions: Counter[Json]
    edges: Counter[Json]
    tensors: Counter[str]


def canonical(functions: list[Json], tensors: list[Json]) -> Canonical:
    """`functions` as {"name", "next": [[index, input_nr] | None], "variable": tensor | None};
    `tensors` as {"names", "grad_fn": index | None, …}, all else compared as it is.
    """
    marks: list[list[Json]] = [[function["name"]] for function in functions]
    for tensor in tensors:
        if tensor.get("grad_fn") is not None:
            marks[tensor["grad_fn"]].append([tensor["output_nr"], tensor["names"]])
    for mark, function in zip(marks, functions, strict=True):
        leaf = function["variable"]
        mark[1:] = sorted(mark[1:], key=str)
        mark.append(None if leaf is None else tensors[leaf]["names"])
    order = _leaves_first(functions)
    below: dict[int, str] = {}
    for position in order:
        following = [edge and [below[edge[0]], edge[1]] for edge in functions[position]["next"]]
        below[position] = _hash([marks[position], following])
    above: dict[int, str] = {}
    reaching: dict[int, list[Json]] = {position: [] for position in order}
    for position in reversed(order):
        above[position] = _hash([below[position], sorted(reaching[position])])
        for slot, edge in enumerate(functions[position]["next"]):
            if edge is not None:
                reaching[edge[0]].append([above[position], slot, edge[1]])
    colour = {position: below[position] + above[position] for position in order}
    return Canonical(
        Counter((functions[position]["name"], colour[position]) for position in order),
        Counter(
            (colour[position], slot, edge and (colour[edge[0]], edge[1]))
            for position in order
            for slot, edge in enumerate(functions[position]["next"])
        ),
        Counter(_stated(tensor, colour) for tensor in tensors),
    )


def _stated(tensor: Json, colour: dict[int, str]) -> str:
    function = tensor.get("grad_fn")
    return json.dumps({**tensor, "grad_fn": colour.get(function) if function is not None else None})


def _leaves_first(functions: list[Json]) -> list[int]:
    """The functions in an order in which each comes after all that it reaches."""
    waiting = [sum(edge is not None for edge in function["next"]) for function in functions]
    reached_by: list[list[int]] = [[] for _ in functions]
    for position, function in enumerate(functions):
        for edge in function["next"]:
            if edge is not None:
                reached_by[edge[0]].append(position)
    order = [position for position, count in enumerate(waiting) if count == 0]
    for position in order:
        for earlier in reached_by[position]:
            waiting[earlier] -= 1
            if waiting[earlier] == 0:
                order.append(earlier)
    assert len(order) == len(functions), "a graph has no cycle"
    return order


def _hash(thing: Json) -> str:
    return hashlib.blake2b(json.dumps(thing).encode(), digest_size=12).hexdigest()
