"""A drawing in which what changes no number has no box of its own.

An AccumulateGrad is part of the box of its leaf. A function that only reshapes is a word on the
arrow that went through it. The arrow keeps the id of the one that came in, so whoever shows the
gradients of a pass finds the one that arrives where the arrow begins. Expand is none of these: its
gradient is a sum.
"""

from collections.abc import Sequence
from dataclasses import replace

from gradfn.model.document import Function
from gradfn.render.drawing import Drawing

RESHAPES = frozenset(
    f"{name}Backward"
    for name in (
        "Alias Movedim Permute Reshape ReshapeAlias Squeeze T Transpose Unflatten UnsafeView "
        "Unsqueeze View"
    ).split()
)


def merged(drawing: Drawing, functions: Sequence[Function]) -> Drawing:
    """The drawing without those boxes, each in the order of the drawing."""
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
            label = f"{into[0].label}, {word}" if into[0].label else word
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
