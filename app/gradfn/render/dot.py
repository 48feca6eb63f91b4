"""The graph as DOT: our own ids as names, untrusted text in labels only.

Every node's size is counted from its characters, so a layout never depends on a machine's fonts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

from graphviz import Digraph, nohtml
from graphviz.quoting import a_list, quote

from gradfn.model.document import Error, Graph
from gradfn.model.layout import Kind
from gradfn.model.recording import Cut
from gradfn.render.drawing import Drawing, Edge, Node, draw
from gradfn.render.quote import columns, label, lines_of
from gradfn.render.styles import ARROW, CANVAS, FONT, FRAME, LEGEND, STYLES, Style

Rankdir = Literal["TB", "LR"]

LEGEND_COLUMNS = 6
_ID = re.compile(r"[A-Za-z0-9_-]+")  # no colon: Graphviz would see a port

_GRAPH = {
    "fontname": FONT,
    "nodesep": "0.3",
    "ranksep": "0.35",
    # Limits slow layouts; ortho splines would be slow and abort on large graphs.
    "nslimit": "20",
    "nslimit1": "20",
}
_NODE = {"fontname": FONT, "fixedsize": "true"}
EDGE_LABEL = {"fontsize": "9", "fontcolor": ARROW, "fontname": FONT}
_EDGE = {"color": ARROW, "arrowsize": "0.7", "penwidth": "1.1"}


def dot_of(
    graph: Graph,
    *,
    error: Error | None = None,
    cuts: Sequence[Cut] = (),
    legend: bool = True,
    background: str = CANVAS,
    rankdir: Rankdir = "TB",
) -> str:
    """The graph in the DOT language; the same graph gives the same bytes."""
    drawing = draw(graph, error, cuts)
    return write_dot(drawing, legend=legend, background=background, rankdir=rankdir)


def write_dot(drawing: Drawing, *, legend: bool, background: str, rankdir: Rankdir) -> str:
    """A drawing in the DOT language.

    Drawing and legend are clusters packed one under the other, each laid out by itself: the
    legend moves nothing. The drawing is a cluster even alone, because Graphviz then keeps a
    long chain upright: an RNN of 200 steps is 519 points wide, without it 37,837.
    """
    kinds = {node.kind for node in drawing.nodes} & LEGEND.keys()
    attributes = _GRAPH | {"bgcolor": background, "rankdir": rankdir}
    edge_attributes = _EDGE
    has_legend = bool(legend and kinds - {"error"})
    if has_legend and any(edge.label for edge in drawing.edges):
        # Graphviz makes room for labels by a rank more between nodes, but not when it packs.
        attributes, edge_attributes = attributes | {"ranksep": "0.17"}, _EDGE | {"minlen": "2"}
    dot = Digraph("gradfn", graph_attr=attributes, node_attr=_NODE, edge_attr=edge_attributes)
    with dot.subgraph(name="cluster_drawing") as part:
        part.attr(id="drawing", peripheries="0")
        _write_drawing(part, drawing)
    if has_legend:
        one_column = "array_1" if rankdir == "TB" else "array_c1"  # packed before LR is turned
        dot.attr("graph", packmode=one_column, pack="16")
        with dot.subgraph(name="cluster_legend") as part:
            part.attr(id="legend", peripheries="0", **{"class": "legend"})
            _write_legend(part, [kind for kind in LEGEND if kind in kinds], rankdir)
    return str(dot.source)


def _write_drawing(dot: Digraph, drawing: Drawing) -> None:
    inside: dict[int | None, list[Node]] = {}
    for node in drawing.nodes:
        inside.setdefault(node.frame, []).append(node)
    frames: dict[int | None, list[int]] = {}
    for at, frame in enumerate(drawing.frames):
        frames.setdefault(frame.frame, []).append(at)
    _write_frame(dot, drawing, None, inside, frames)
    red = {node.id: node.kind for node in drawing.nodes if node.kind in ("cut", "error")}
    for edge in drawing.edges:
        _write_edge(dot, edge, red.get(edge.head) or red.get(edge.tail))


def _write_frame(
    dot: Digraph,
    drawing: Drawing,
    at: int | None,
    inside: Mapping[int | None, Sequence[Node]],
    frames: Mapping[int | None, Sequence[int]],
) -> None:
    """What is in a frame; None is the drawing itself."""
    for node in inside.get(at, ()):
        _write_node(dot, node.id, STYLES[node.kind], node.rows)
    for inner in frames.get(at, ()):
        frame = drawing.frames[inner]
        with dot.subgraph(name=f"cluster_{_own(frame.id)}") as part:
            if frame.title:
                title = nohtml(label((frame.title,)))
                part.attr(id=frame.id, style="rounded", label=title, labeljust="l", **FRAME)
                part.attr(**{"class": "frame"})
            else:
                part.attr(id=frame.id, peripheries="0")
            _write_frame(part, drawing, inner, inside, frames)


def _write_node(dot: Digraph, id: str, style: Style, rows: Sequence[str]) -> None:
    """As `dot.node` writes it; what all nodes of a style have is quoted once."""
    lines = lines_of(rows)
    width, height = style.size(max(map(columns, lines)), len(lines))
    name = quote(_own(id))
    text = quote(nohtml(label(rows, style.align)))  # the package takes a plain `<…>` for HTML
    colours, shape = _attributes_of(style)
    dot.body.append(
        f"\t{name} [label={text} {colours} height={height / 72:.3f} id={name} {shape}"
        f" width={width / 72:.3f}]\n"
    )


@cache
def _attributes_of(style: Style) -> tuple[str, str]:
    """What every node of a style has, in DOT: attributes before `height`, attributes after `id`."""
    colours = {
        "class": style.classes,
        "color": style.border,
        "fillcolor": style.fill,
        "fontcolor": style.text,
        "fontsize": f"{style.font:g}",
    }
    shape = {
        "penwidth": f"{style.pen:g}",
        "peripheries": str(style.borders),
        "shape": style.shape,
        "style": style.style,
    }
    return a_list(kwargs=colours), a_list(kwargs=shape)


def _write_edge(dot: Digraph, edge: Edge, red: Kind | None) -> None:
    if not (edge.label or edge.carried or red):  # as `dot.edge` would write it
        tail, head = quote(_own(edge.tail)), quote(_own(edge.head))
        dot.body.append(f"\t{tail} -> {head} [id={quote(edge.id)}]\n")
        return
    attributes = {"id": edge.id}
    if edge.label:
        attributes |= {"label": nohtml(f" {label((edge.label,))}"), **EDGE_LABEL}
    if edge.carried:  # it goes back, so it must not turn the drawing round
        attributes |= {"class": "carried", "style": "dashed", "constraint": "false"}
    if red:
        attributes |= {"class": red, "style": "dashed", "color": STYLES[red].border}
    dot.edge(_own(edge.tail), _own(edge.head), **attributes)


def _write_legend(dot: Digraph, kinds: Sequence[Kind], rankdir: Rankdir) -> None:
    """A sample of each kind in rows. What shares no edge shares a rank, left to right in `TB`."""
    ids = [f"legend-{kind.replace(' ', '-')}" for kind in kinds]
    for id, kind in zip(ids, kinds, strict=True):
        style = replace(STYLES[kind], font=10, across=14, down=8, align="centre")
        style = replace(style, classes=f"legend {style.classes}")
        _write_node(dot, id, style, (LEGEND[kind],))
    down = -(-len(ids) // LEGEND_COLUMNS)
    across = -(-len(ids) // down) if rankdir == "TB" else down
    for tail, head in zip(ids, ids[across:], strict=False):
        dot.edge(tail, head, style="invis")


def _own(id: str) -> str:
    """The id, if it is one of ours: it is not escaped, so it must contain no DOT or SVG syntax."""
    if not _ID.fullmatch(id):
        raise ValueError(f"not an id of ours: {id!r}")
    return id
