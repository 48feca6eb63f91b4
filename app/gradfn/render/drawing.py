"""The graph as boxes and arrows, without styles.

Arrows go where data flows. A leaf that several functions use is drawn once; each further use
is a small proxy beside its consumer, because long edges from one shared node are what keeps
Graphviz busy for minutes. The first use is the one nearest the leaves.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from gradfn.model.document import Error, Function, Graph, Tensor
from gradfn.model.layout import Kind
from gradfn.model.recording import Cut
from gradfn.render.cut_marks import marks_of
from gradfn.render.mention import Mentions
from gradfn.render.rows import (
    brief_rows,
    compact_rows,
    error_rows,
    full_rows,
    function_rows,
    name_of,
)

SMALL_ELEMENTS = 40  # up to here a picture has room for values and for what is tied to nothing
LOOSE_BESIDE_A_GRAPH = 4  # tensors tied to nothing; a row of more would push the graph aside
ERROR_ID = "error"
RESHAPES = frozenset(
    f"{name}Backward"
    for name in (
        "Alias Movedim Permute Reshape ReshapeAlias Squeeze T Transpose Unflatten UnsafeView "
        "Unsqueeze View"
    ).split()
)


_PROXIES: dict[str, Kind] = {"parameter": "proxy parameter", "constant": "proxy constant"}


@dataclass(frozen=True, slots=True)
class Node:
    """One box. Its id is that of its function or tensor, with `-use2` and so on for a proxy,
    with `cut-` before it for the mark of a cut. `frame` is the place of the frame around it,
    `holds` are functions that have no box of their own."""

    id: str
    kind: Kind
    rows: tuple[str, ...]
    frame: int | None = None
    holds: tuple[str, ...] = ()


NOTHING = Node("empty", "empty", ("The program made no tensors.",))


@dataclass(frozen=True, slots=True)
class Frame:
    """An open fold around its boxes. `frame` is the place of the one around it."""

    id: str
    title: str
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """One arrow. `nr` tells several between the same two apart: the head's input, counted from 0,
    or into a tensor the tail's output. `of` is the id of the arrow that it stands for."""

    tail: str
    head: str
    nr: int
    label: str = ""
    carried: bool = False  # to a later turn of a repeat
    of: str = ""

    @property
    def id(self) -> str:
        return self.of or f"e--{self.tail}--{self.head}--{self.nr}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn, in an order that depends on the graph alone."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...] = ()


@dataclass(slots=True)
class _Sketch:
    """A drawing under construction: edges, proxies and marks, and what an edge touches."""

    edges: list[Edge] = field(default_factory=list)
    extras: list[Node] = field(default_factory=list)
    tied: set[str] = field(default_factory=set)
    uses: Counter[str] = field(default_factory=Counter)

    def flow(self, tail: str, head: str, nr: int) -> None:
        """An arrow."""
        self.edges.append(Edge(tail, head, nr))
        self.tied |= {tail, head}

    def use(self, tail: str, tensor: Tensor | None, function: Function, nr: int) -> None:
        """An arrow from `tail` for a first use of the tensor, from a new proxy for another."""
        original = tensor.id if tensor else tail
        self.uses[original] += 1
        if self.uses[original] == 1:
            self.flow(tail, function.id, nr)
        else:
            proxy = _proxy_of(tensor, f"{original}-use{self.uses[original]}")
            self.extras.append(proxy)
            self.flow(proxy.id, function.id, nr)


def draw(
    graph: Graph,
    error: Error | None = None,
    cuts: Sequence[Cut] = (),
    *,
    compact: bool = False,
) -> Drawing:
    """The graph as nodes and edges, with the error at the tensors that its line names.

    `compact`: of a tensor its name, its value and its gradient alone.
    """
    graph = replace(graph, tensors=_with_a_box(graph))
    sketch = _Sketch()
    _draw_flow(graph, sketch)
    _draw_constants(graph, sketch)
    _draw_cuts(graph, cuts, sketch)
    if error is not None:
        _draw_error(graph, error, sketch)

    always = [t for t in graph.tensors if t.id in sketch.tied or _always_drawn(t)]
    or_alive = [t for t in graph.tensors if t.id in sketch.tied or _always_drawn(t) or t.alive]
    fixed = len(graph.functions) + len(sketch.extras) + (error is not None)
    loose = len(or_alive) - len(always)
    small = fixed + len(or_alive) <= SMALL_ELEMENTS
    few = loose <= LOOSE_BESIDE_A_GRAPH or not graph.functions
    drawn = or_alive if small and few else always
    rows = _rows_of(graph, full=fixed + len(drawn) <= SMALL_ELEMENTS, compact=compact)

    nodes = [Node(t.id, t.role, rows(t)) for t in drawn]
    nodes += [Node(f.id, _kind_of(f), function_rows(f)) for f in graph.functions]
    nodes += sketch.extras
    if error is not None:
        nodes.append(Node(ERROR_ID, "error", error_rows(error)))
    if not nodes:
        nodes.append(NOTHING)
    return Drawing(tuple(nodes), tuple(sketch.edges))


def _draw_flow(graph: Graph, sketch: _Sketch) -> None:
    """What `next_functions` says, with the tensors between the functions put in."""
    functions = {function.id: function for function in graph.functions}
    tensors = {tensor.id: tensor for tensor in graph.tensors}
    outputs: dict[tuple[str, int], str] = {}
    for tensor in graph.tensors:
        if tensor.grad_fn in functions:
            outputs.setdefault((tensor.grad_fn, tensor.output_nr), tensor.id)
            sketch.flow(tensor.grad_fn, tensor.id, tensor.output_nr)
    for function in graph.functions:
        if function.variable in tensors:
            sketch.flow(function.variable, function.id, 0)
    for function in reversed(graph.functions):
        for nr, following in enumerate(function.next_functions):
            source = functions.get(following.function) if following else None
            if following is None or source is None:
                continue
            if _kind_of(source) == "accumulate":
                sketch.use(source.id, tensors.get(source.variable or ""), function, nr)
            else:
                tail = outputs.get((source.id, following.input_nr), source.id)
                sketch.flow(tail, function.id, nr)


def _draw_constants(graph: Graph, sketch: _Sketch) -> None:
    """Operands that need no gradient, as recorded."""
    constants = {tensor.id: tensor for tensor in graph.tensors if tensor.role == "constant"}
    for function in reversed(graph.functions):
        for nr, operand in enumerate(_operands(function)):
            if operand in constants:
                sketch.use(operand, constants[operand], function, nr)


def _draw_cuts(graph: Graph, cuts: Sequence[Cut], sketch: _Sketch) -> None:
    """From what lost its history to a mark, and from there to the result, if it is drawn."""
    tensors = {tensor.id: tensor for tensor in graph.tensors}
    for mark in marks_of(cuts, graph, tensors, frozenset(sketch.tied)):
        sketch.extras.append(Node(mark.id, "cut", mark.rows))
        sketch.flow(mark.source, mark.id, 0)
        for result in mark.results:
            sketch.flow(mark.id, result, 0)


def _draw_error(graph: Graph, error: Error, sketch: _Sketch) -> None:
    """Arrows to the error from the tensors that its line names."""
    mentions = Mentions(error.traceback[0].code if error.traceback else "")
    for nr, tensor in enumerate(t for t in graph.tensors if any(map(mentions.of, t.names))):
        sketch.flow(tensor.id, ERROR_ID, nr)


def _operands(function: Function) -> Iterator[str]:
    """The tensors that a function took, each as often; those it saved, where no more is known."""
    if function.inputs:
        yield from (taken.tensor for taken in function.inputs if taken.tensor is not None)
    else:
        yield from dict.fromkeys(kept.tensor for kept in function.saved if kept.tensor is not None)


def _with_a_box(graph: Graph) -> tuple[Tensor, ...]:
    """All but temporary results and earlier versions of leaves that changed in place.

    The page lists them with the functions that used or returned them.
    """
    accumulated = {function.variable for function in graph.functions}
    return tuple(
        tensor
        for tensor in graph.tensors
        if tensor.alive or tensor.role == "constant" or tensor.id in accumulated
    )


def _always_drawn(tensor: Tensor) -> bool:
    return tensor.role in ("leaf", "parameter")


def _kind_of(function: Function) -> Literal["function", "accumulate"]:
    if function.variable is not None or function.accumulates:
        return "accumulate"
    return "function"


def _proxy_of(tensor: Tensor | None, id: str) -> Node:
    if tensor is None:
        return Node(id, "proxy leaf", ("(unnamed)",))
    return Node(id, _PROXIES.get(tensor.role, "proxy leaf"), (name_of(tensor, 24),))


def _rows_of(graph: Graph, *, full: bool, compact: bool) -> Callable[[Tensor], tuple[str, ...]]:
    if not full:
        return brief_rows
    if compact:
        return compact_rows
    names = {function.id: function.name for function in graph.functions}
    return lambda tensor: full_rows(tensor, names)


def merged(drawing: Drawing, functions: Sequence[Function]) -> Drawing:
    """The drawing in which what changes no number has no box of its own.

    An AccumulateGrad is part of the box of its leaf. A function that only reshapes is a word on
    the arrow through it. That arrow keeps the id of the one that came in, so the gradient found
    for it is the one that arrives where it begins. Expand keeps its box: its gradient is a sum.
    """
    found = {function.id: function for function in functions}
    nodes = {node.id: node for node in drawing.nodes}
    edges = list(drawing.edges)
    for node in drawing.nodes:
        function = found.get(node.id)
        if function is None:
            continue
        into = [edge for edge in edges if edge.head == node.id]
        out = [edge for edge in edges if edge.tail == node.id]
        if len(into) != 1 or len(out) != 1:
            continue
        if node.kind == "accumulate":
            through, host = replace(out[0], tail=into[0].tail, of=out[0].id), into[0].tail
        elif _reshapes(function):
            word = function.name.partition("Backward")[0]
            label = ", ".join(filter(None, (into[0].label, word, out[0].label)))
            through = replace(into[0], head=out[0].head, of=into[0].id, label=label)
            host = out[0].head
        else:
            continue
        edges[edges.index(out[0])] = through
        edges.remove(into[0])
        held = (*nodes[host].holds, *nodes[node.id].holds, node.id)
        nodes[host] = replace(nodes[host], holds=held)
        del nodes[node.id]
    return replace(drawing, nodes=tuple(nodes.values()), edges=tuple(edges))


def _reshapes(function: Function) -> bool:
    return function.name.rstrip("0123456789") in RESHAPES
