"""The part of a graph between a root and a leaf, with the argument that each edge belongs to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gradfn.explain.arrays.array import Array
from gradfn.explain.formulas.argument_values import ArgumentValues
from gradfn.explain.formulas.operation import Operation
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.explain.time_budget import TimeBudget
from gradfn.model.document import Function, Graph, Tensor
from gradfn.model.recording import BackwardPass, PassedFunction

MAX_FUNCTIONS = 200  # between a root and a leaf
MAX_OUTPUTS = 1_000  # of one of them


class CannotFollow(Exception):
    """Something between root and leaf cannot be computed; the text says why."""


@dataclass(frozen=True, slots=True)
class Edge:
    """From a function to the one that made its argument; `nr` counts in a list of tensors.

    `slot` is its place in `next_functions`.
    """

    function: str
    slot: int
    argument: str
    nr: int
    target: str
    input_nr: int


@dataclass(frozen=True, slots=True)
class Subgraph:
    """The functions that lie on a path from the root to the leaf, each before those it leads to."""

    graph: Graph
    root: Tensor
    leaf: Tensor
    order: tuple[str, ...]
    edges: Mapping[str, tuple[Edge, ...]]
    values: Mapping[str, Mapping[str, Any]]
    functions: Mapping[str, Function]
    budget: TimeBudget
    passed: Mapping[str, PassedFunction]  # their gradients in the backward pass

    @property
    def dtype(self) -> str:
        """That of the leaf, in which the operations are taken to have computed."""
        return self.leaf.value.dtype if self.leaf.value else "float32"

    def operation(self, id: str) -> Operation:
        """The entry of the table; CannotFollow when there is none."""
        if self.budget.is_over:
            raise CannotFollow("It would take too long to compute.")
        function = self.functions[id]
        if (found := OPERATIONS.get(function.name)) is None:
            raise CannotFollow(f"There is no formula for {function.name}.")
        return found

    def outputs(self, id: str) -> int:
        """How many gradients the function takes."""
        named = [
            edge.input_nr for edges in self.edges.values() for edge in edges if edge.target == id
        ]
        own = self.root.output_nr if self.root.grad_fn == id else 0
        return max([*named, own, len(self.functions[id].outputs) - 1]) + 1


def subgraph(
    graph: Graph,
    root: Tensor,
    leaf: Tensor,
    known: ArgumentValues,
    budget: TimeBudget,
    run: BackwardPass | None,
) -> Subgraph | None:
    """The functions from a root to a leaf; None when no path connects them.

    CannotFollow when they are too many.
    """
    functions = {each.id: each for each in graph.functions}
    ends = {each.id for each in graph.functions if each.variable == leaf.id}
    if root.grad_fn is None or root.grad_fn not in functions or not ends:
        return None
    order = _leading_to(functions, root.grad_fn, ends)
    if not order:
        return None
    if len(order) > MAX_FUNCTIONS:
        raise CannotFollow(f"{len(order)} functions lie between; the limit is {MAX_FUNCTIONS}.")
    on_the_way = set(order)
    values = {id: known.of(id) for id in order}
    edges = {id: tuple(_edges(functions[id], on_the_way)) if id not in ends else () for id in order}
    numbers = [edge.input_nr for those in edges.values() for edge in those]
    if max([root.output_nr, *numbers]) >= MAX_OUTPUTS:  # a list is made of so many
        raise CannotFollow(f"A function has more than {MAX_OUTPUTS:,} outputs.")
    passed = {each.function: each for each in run.functions if each.function} if run else {}
    return Subgraph(graph, root, leaf, order, edges, values, functions, budget, passed)


def _leading_to(functions: Mapping[str, Function], root: str, ends: set[str]) -> tuple[str, ...]:
    """The functions on a path from the root to an end, in topological order. With a stack."""
    finished: list[str] = []
    leads: dict[str, bool] = {}
    stack = [(root, False)]
    while stack:
        id, done = stack.pop()
        following = [
            n.function for n in functions[id].next_functions if n and n.function in functions
        ]
        if done:
            if leads[id] or any(leads.get(each) for each in following):
                leads[id] = True
                finished.append(id)
        elif id not in leads:
            leads[id] = id in ends
            stack.append((id, True))
            stack += [(each, False) for each in following if each not in leads]
    return tuple(reversed(finished))


def _edges(function: Function, kept: set[str]) -> Iterator[Edge]:
    operation = OPERATIONS.get(function.name)
    arguments = list(operation.slopes) if operation else []
    listed = arguments == ["tensors"]
    if not listed and len(arguments) != len(function.next_functions):
        arguments = [f"next_functions[{nr}]" for nr in range(len(function.next_functions))]
    for slot, following in enumerate(function.next_functions):
        if following and following.function in kept:
            argument, nr = ("tensors", slot) if listed else (arguments[slot], 0)
            yield Edge(function.id, slot, argument, nr, following.function, following.input_nr)


def scalar(value: Any) -> bool:
    """Whether it is one number."""
    return isinstance(value, Array) and value.size == 1
