"""Parts of a graph: what is around a function, what lies between two."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gradfn.model.document import Graph


class NotInGraph(Exception):
    """There is no function or tensor of this id or name; the message says so."""


def around(graph: Graph, name: str, hops: int) -> Graph:
    """The functions that are at most so many edges away from one, in either direction."""
    gives, takes = _edges(graph)
    found = {_number(graph, name)}
    level = set(found)
    for _ in range(hops):
        level = {each for at in level for each in (*gives[at], *takes[at])} - found
        if not level:
            break
        found |= level
    return _part(graph, found)


def between(graph: Graph, first: str, last: str) -> Graph:
    """The functions on all paths between two, whichever of them comes first."""
    gives, takes = _edges(graph)
    one, other = _number(graph, first), _number(graph, last)
    found = _reached(one, gives) & _reached(other, takes)
    return _part(graph, found or _reached(other, gives) & _reached(one, takes))


def _number(graph: Graph, name: str) -> int:
    """The place of a function, or of the one that made a tensor; of a leaf its AccumulateGrad."""
    tensor = next((t for t in graph.tensors if name == t.id or name in t.names), None)
    for at, function in enumerate(graph.functions):
        if function.id == name:
            return at
        if tensor is not None and (
            function.id == tensor.grad_fn
            if tensor.grad_fn is not None
            else function.variable == tensor.id
        ):
            return at
    raise NotInGraph(f"The graph has no function and no tensor called {name!r}.")


def _edges(graph: Graph) -> tuple[list[list[int]], list[list[int]]]:
    """Of each function, those that take what it gives, and those that it takes from."""
    numbers = {function.id: at for at, function in enumerate(graph.functions)}
    gives: list[list[int]] = [[] for _ in graph.functions]
    takes: list[list[int]] = [[] for _ in graph.functions]
    for at, function in enumerate(graph.functions):
        for following in function.next_functions:
            source = numbers.get(following.function) if following else None
            if source is not None:
                takes[at].append(source)
                gives[source].append(at)
    return gives, takes


def _reached(start: int, edges: list[list[int]]) -> set[int]:
    found, pending = {start}, [start]
    for at in pending:  # which grows meanwhile
        for each in edges[at]:
            if each not in found:
                found.add(each)
                pending.append(each)
    return found


def _part(graph: Graph, numbers: Iterable[int]) -> Graph:
    """The graph with these functions alone, and the tensors that are theirs."""
    functions = tuple(graph.functions[at] for at in sorted(numbers))
    ids: Mapping[str, None] = {function.id: None for function in functions}
    tensors = {function.variable for function in functions}
    tensors |= {operand.tensor for function in functions for operand in function.inputs}
    return replace(
        graph,
        functions=functions,
        tensors=tuple(t for t in graph.tensors if t.grad_fn in ids or t.id in tensors),
    )
