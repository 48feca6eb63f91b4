"""The graph in columns of integers, its operations in the order in which they were made."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import repeat
from operator import lt

from gradfn.model.document import ACCUMULATE_GRAD, Function, Graph

NONE, LEAF = -1, -2  # what an input may be beside the position of an operation
_UNKNOWN = 2**31

Scope = tuple[str, tuple[tuple[str, int], ...]]  # a module's path, and (function, line) of a stack


@dataclass(slots=True)
class Columns:
    """Functions by number, as in the graph; operations, which are all but leaves, by position.

    A leaf is an AccumulateGrad. `order` has the number of the operation at each position, and
    `position` the way back, LEAF for a leaf. The inputs of the operation at a position are
    `inputs[starts[position] : starts[position + 1]]`: positions, NONE, or LEAF. In the same order
    `takers` has the position of the one that takes, `givers` the number of the one that gives.
    """

    kinds: list[str]
    kind: "array[int]"
    order: "array[int]"
    position: "array[int]"
    starts: "array[int]"
    inputs: "array[int]"
    takers: "array[int]"
    givers: "array[int]"
    scopes: list[Scope] = field(default_factory=lambda: [("", ())])
    scope: "array[int]" = field(default_factory=lambda: array("i"))
    shapes: "array[int]" = field(default_factory=lambda: array("i"))  # of leaves, by number

    def inputs_of(self, position: int) -> "array[int]":
        """What went into an operation."""
        return self.inputs[self.starts[position] : self.starts[position + 1]]


def columns_of(graph: Graph) -> Columns:
    """The columns of a run document's graph; edges that lead out of it lead to NONE."""
    functions = graph.functions
    number = {function.id: at for at, function in enumerate(functions)}
    kinds: dict[str, int] = {}
    kind = array("i", (kinds.setdefault(each.name, len(kinds)) for each in functions))
    offsets, targets = array("i", [0]), array("i")
    for function in functions:
        for following in function.next_functions:
            targets.append(NONE if following is None else number.get(following.function, NONE))
        offsets.append(len(targets))
    columns = in_order(
        list(kinds), kind, offsets, targets, [each.sequence_nr for each in functions]
    )
    scopes: dict[Scope, int] = {("", ()): 0}
    columns.scope = array("i", (scopes.setdefault(s, len(scopes)) for s in _scopes(functions)))
    columns.scopes = list(scopes)
    shapes: dict[object, int] = {None: 0}
    values = {tensor.id: tensor.value for tensor in graph.tensors}
    found = (values.get(each.variable) if each.variable else None for each in functions)
    columns.shapes = array(
        "i", (shapes.setdefault(v and (*v.shape, v.dtype), len(shapes)) for v in found)
    )
    return columns


def _scopes(functions: Sequence[Function]) -> Iterator[Scope]:
    """Where each function was made. Stacks are one object for many, and compared once."""
    known: dict[tuple[str, int], Scope] = {}
    for each in functions:
        key = each.module, id(each.stack)
        if key not in known:
            known[key] = each.module, tuple((frame.function, frame.line) for frame in each.stack)
        yield known[key]


def in_order(
    kinds: list[str],
    kind: "array[int]",
    offsets: "array[int]",
    targets: "array[int]",
    numbers: Sequence[int | None],
) -> Columns:
    """The columns of a walk: what was made before what, by PyTorch's numbers where they are sound.

    They are not where threads made a graph together; then what an operation needs comes before it,
    and of what is free the one with the smallest number.
    """
    leaf = kinds.index(ACCUMULATE_GRAD) if ACCUMULATE_GRAD in kinds else -1
    operations = [at for at, each in enumerate(kind) if each != leaf]
    # The walk comes from the roots: without a number, what it met last was made first.
    key = [(_UNKNOWN if nr is None else nr) for nr in numbers]
    operations.reverse()
    operations.sort(key=key.__getitem__)
    columns = _columns(kinds, kind, offsets, targets, operations)
    if not all(map(lt, columns.inputs, columns.takers)):
        operations = _by_need(operations, columns.position, offsets, targets)
        columns = _columns(kinds, kind, offsets, targets, operations)
    return columns


def _columns(
    kinds: list[str],
    kind: "array[int]",
    offsets: "array[int]",
    targets: "array[int]",
    operations: list[int],
) -> Columns:
    position = _positions(operations, len(kind))
    starts, takers, givers = array("i", [0]), array("i"), array("i")
    for place, at in enumerate(operations):
        start, end = offsets[at], offsets[at + 1]
        if end - start == 1:  # most often, and much faster
            givers.append(targets[start])
            takers.append(place)
        else:
            givers.extend(targets[start:end])
            takers.extend(repeat(place, end - start))
        starts.append(len(givers))
    position.append(NONE)  # which is what the target -1 finds
    inputs = array("i", map(position.__getitem__, givers))
    position.pop()
    return Columns(kinds, kind, array("i", operations), position, starts, inputs, takers, givers)


def _positions(operations: Sequence[int], count: int) -> "array[int]":
    position = array("i", repeat(LEAF, count))
    for at, number in enumerate(operations):
        position[number] = at
    return position


def _by_need(
    operations: Sequence[int],
    position: "array[int]",
    offsets: "array[int]",
    targets: "array[int]",
) -> list[int]:
    """The operations, each after what it needs, else in the order given. n log n."""
    users: list[list[int]] = [[] for _ in operations]
    missing = [0] * len(operations)
    for place, at in enumerate(operations):
        for target in targets[offsets[at] : offsets[at + 1]]:
            if target >= 0 and position[target] >= 0:
                users[position[target]].append(place)
                missing[place] += 1
    free = [place for place, count in enumerate(missing) if not count]
    heapify(free)
    ordered = []
    while free:
        place = heappop(free)
        ordered.append(operations[place])
        for user in users[place]:
            missing[user] -= 1
            if not missing[user]:
                heappush(free, user)
    return ordered
