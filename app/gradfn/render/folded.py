"""The drawing of a view of a graph: closed folds, a box each, and what flows between them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradfn.model.document import Error, Function, Graph, Tensor
from gradfn.model.folding.inside import insides
from gradfn.model.folding.view import Box, Folding, View
from gradfn.model.folding.view import Frame as OpenFold
from gradfn.model.layout import Inside, Kind
from gradfn.render.drawing import ERROR_ID, NOTHING, Drawing, Edge, Frame, Node
from gradfn.render.mention import Mentions
from gradfn.render.quote import shown
from gradfn.render.rows import error_rows, function_rows, name_of, number_text

MAX_TENSORS = 12  # that are drawn beside the boxes: inputs of the program, and its results
MAX_USES = 3  # arrows from one of them
TITLE = 36
_BACKWARD = "Backward"


@dataclass(frozen=True, slots=True)
class FoldedDrawing:
    """A drawing, and what stands behind its nodes and frames: in the same order, tensors last."""

    drawing: Drawing
    view: View
    inside: Sequence[Inside]
    inside_frames: Sequence[Inside]


def drawing_of(drawn: Drawing | FoldedDrawing) -> Drawing:
    """What is drawn, folded or not."""
    return drawn.drawing if isinstance(drawn, FoldedDrawing) else drawn


def draw_folded(
    graph: Graph, folding: Folding, view: View, error: Error | None = None
) -> FoldedDrawing:
    """The view as nodes, edges and frames, with the error at the boxes of what its line names."""
    inside, inside_frames = insides(graph, folding, view)
    tensors = {tensor.id: tensor for tensor in graph.tensors}
    nodes = [
        Node(box.id, _kind_of(box, graph, tensors), _rows(box, each, graph, folding, tensors),
             box.frame)
        for box, each in zip(view.boxes, inside, strict=True)
    ]  # fmt: skip
    frames = [
        Frame(frame.id, _title_of(frame), frame.frame if frame.frame >= 0 else None)
        for frame in view.frames
    ]
    labels = _labels(graph, view)
    edges = [
        Edge(nodes[flow.tail].id, nodes[flow.head].id, int(flow.carried),
             labels.get((flow.tail, flow.head), ""), flow.carried)
        for flow in view.flows
    ]  # fmt: skip
    more, arrows = _tensors_around(graph, view)
    nodes += more
    edges += arrows
    if error is not None:
        nodes.append(Node(ERROR_ID, "error", error_rows(error)))
        edges += _error_edges(graph, view, error, more)
    if not nodes:
        nodes.append(NOTHING)
    drawing = Drawing(tuple(nodes), tuple(edges), tuple(frames))
    return FoldedDrawing(drawing, view, inside, inside_frames)


def _kind_of(box: Box, graph: Graph, tensors: dict[str, Tensor]) -> Kind:
    part = box.part
    if part is None:
        if len(box.functions) > 1:
            return "leaves"
        tensor = tensors.get(graph.functions[box.functions[0]].variable or "")
        return "parameter" if tensor and tensor.role == "parameter" else "leaf"
    if part.fold is None:
        return "function" if len(box.functions) == 1 else "operations"
    if part.kind == "repeat":
        return "fold repeat" if part.times > 1 else "fold"
    return "fold group" if part.kind == "group" else "fold"


def _rows(
    box: Box, inside: Inside, graph: Graph, folding: Folding, tensors: dict[str, Tensor]
) -> tuple[str, ...]:
    functions = [graph.functions[number] for number in box.functions[:1]]
    part = box.part
    if part is None:
        found = [
            tensors[id]
            for number in box.functions[:4]
            if (id := graph.functions[number].variable) in tensors
        ]
        if len(box.functions) == 1:
            return _leaf_rows(found)
        names = [_last_name(each) for each in found[:2] if each.names]
        listed = (f"{', '.join(names)}, …",) if names else ()
        return (*listed, f"{len(box.functions):,} leaves", *_sizes(inside))
    if part.fold is None:
        rows = function_rows(functions[0]) if part.count() == 1 else (shown(part.name),)
        leaves = [tensors[id] for number in box.functions[part.count() :][:3]
                  if (id := graph.functions[number].variable) in tensors]  # fmt: skip
        named = ", ".join(_last_name(each) for each in leaves[:2] if each.names)
        more = ", …" if inside.leaves > len(leaves[:2]) else ""
        return (*rows, *([named + more] if named else []), *_bad(inside))
    return (
        *_fold_title(box, folding),
        *_contents(inside, folding, box),
        *_sizes(inside),
        *_bad(inside),
    )


def _leaf_rows(found: Sequence[Tensor]) -> tuple[str, ...]:
    if not found:
        return ("(unnamed)",)
    shape = () if found[0].value is None else (str(tuple(found[0].value.shape)),)
    return (name_of(found[0]), *shape)


def _last_name(tensor: Tensor) -> str:
    """`weight` of `net.layers[0].weight`."""
    return shown(tensor.names[0].rpartition(".")[2], 20)


def _fold_title(box: Box, folding: Folding) -> tuple[str, ...]:
    part = box.part
    assert part is not None
    times = f" × {part.times:,}" if part.times > 1 else ""
    loop = part.fold.loop if part.fold is not None else ""
    name = part.name or loop or _summary(box, folding)
    rows = (f"{shown(name, TITLE)}{times}",)
    if part.name and loop and part.times > 1:
        return (*rows, shown(loop, TITLE))
    return rows


def _title_of(frame: OpenFold) -> str:
    part = frame.part
    times = f" × {part.times:,}" if part.times > 1 and part.is_repeat else ""
    loop = part.fold.loop if part.fold is not None else ""
    name = part.name or loop or ("" if part.kind == "program" else part.kind)
    title = f"{shown(name, TITLE)}{times}" if name else ""
    return f"{title}   {shown(loop, TITLE)}" if part.name and loop and times else title


def _summary(box: Box, folding: Folding) -> str:
    """The operations that are most often in it."""
    columns, part = folding.columns, box.part
    assert part is not None
    few = columns.order[part.start : min(part.end, part.start + 200)]
    counts = Counter(columns.kinds[columns.kind[number]] for number in few)
    names = [short_name(name) for name, _ in counts.most_common(3)]
    return ", ".join(names) + (", …" if len(counts) > len(names) else "")


def _contents(inside: Inside, folding: Folding, box: Box) -> Iterator[str]:
    part = box.part
    assert part is not None
    if part.count() == 1:
        columns = folding.columns
        yield shown(columns.kinds[columns.kind[box.functions[0]]])
    else:
        yield f"{inside.functions:,} functions"


def _sizes(inside: Inside) -> Iterator[str]:
    if inside.elements:
        plural = "parameter" if inside.elements == 1 else "parameters"
        yield f"{_amount(inside.elements)} {plural}, {_bytes(inside.bytes)}"
    if inside.frozen:
        yield f"{_amount(inside.frozen)} frozen"
    if inside.least_grad is not None and inside.greatest_grad is not None:
        least, greatest = (_brief(each) for each in (inside.least_grad, inside.greatest_grad))
        yield f"|grad| {least}" if least == greatest else f"|grad| {least} … {greatest}"


def _bad(inside: Inside) -> Iterator[str]:
    if inside.nonfinite:
        yield f"{inside.nonfinite:,} not finite"


def _labels(graph: Graph, view: View) -> dict[tuple[int, int], str]:
    """Name and shape of what goes from box to box, where it is known and the same for all."""
    numbers = {function.id: at for at, function in enumerate(graph.functions)}
    made = {
        (tensor.grad_fn, tensor.output_nr): tensor
        for tensor in graph.tensors
        if tensor.grad_fn is not None and tensor.value is not None
    }
    givers = {function for function, _ in made}
    found: dict[tuple[int, int], tuple[set[str], set[str]]] = {}
    for number, function in enumerate(graph.functions):
        for following in function.next_functions:
            if following is None or following.function not in givers:
                continue
            tensor = made.get((following.function, following.input_nr))
            if tensor is None or tensor.value is None:
                continue
            key = view.box_of[numbers[following.function]], view.box_of[number]
            shapes, names = found.setdefault(key, (set(), set()))
            shapes.add(str(tuple(tensor.value.shape)))
            if tensor.names:
                names.add(name_of(tensor, 16))
    return {
        key: " ".join((*(names if len(names) == 1 else ()), *shapes))
        for key, (shapes, names) in found.items()
        if len(shapes) == 1
    }


def _tensors_around(graph: Graph, view: View) -> tuple[list[Node], list[Edge]]:
    """What the program put in and calls by a name, and what came out at the end."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    numbers = {function.id: at for at, function in enumerate(graph.functions)}
    used = {each.function for f in graph.functions for each in f.next_functions if each}
    for tensor in graph.tensors:
        if len(nodes) == MAX_TENSORS:
            break
        if tensor.names and tensor.grad_fn in numbers and tensor.grad_fn not in used:
            box = view.boxes[view.box_of[numbers[tensor.grad_fn]]]
            nodes.append(Node(tensor.id, "intermediate", _result_rows(tensor)))
            edges.append(Edge(box.id, tensor.id, tensor.output_nr))
    inputs = {
        tensor.id: tensor
        for tensor in graph.tensors
        if tensor.role == "constant" and tensor.names and "." not in tensor.names[0]
    }
    uses: dict[str, dict[int, None]] = {}
    for number in range(len(graph.functions) - 1, -1, -1):
        for operand in _operands(graph.functions[number]):
            if operand in inputs:
                uses.setdefault(operand, {})[view.box_of[number]] = None
    for id, users in uses.items():
        if len(nodes) >= MAX_TENSORS:
            break
        nodes.append(Node(id, "constant", _leaf_rows([inputs[id]])))
        edges += [Edge(id, view.boxes[box].id, nr) for nr, box in enumerate([*users][:MAX_USES])]
    return nodes, edges


def _operands(function: Function) -> Iterator[str]:
    if function.inputs:
        yield from (taken.tensor for taken in function.inputs if taken.tensor is not None)
    else:
        yield from (kept.tensor for kept in function.saved if kept.tensor is not None)


def _result_rows(tensor: Tensor) -> tuple[str, ...]:
    value = tensor.value
    if value is not None and value.data and len(value.data) == 1:
        return (f"{name_of(tensor)} = {number_text(value.data[0])}",)
    return _leaf_rows([tensor])


def _error_edges(graph: Graph, view: View, error: Error, drawn: Sequence[Node]) -> Iterator[Edge]:
    """Arrows to the error from the boxes of the tensors that its line names."""
    mentions = Mentions(error.traceback[0].code if error.traceback else "")
    shown_ids = {node.id for node in drawn}
    numbers = {function.id: at for at, function in enumerate(graph.functions)}
    leaves = {f.variable: at for at, f in enumerate(graph.functions) if f.variable is not None}
    tails: dict[str, None] = {}
    for tensor in graph.tensors:
        if not any(map(mentions.of, tensor.names)):
            continue
        number = leaves.get(tensor.id, numbers.get(tensor.grad_fn or ""))
        if tensor.id in shown_ids:
            tails[tensor.id] = None
        elif number is not None:
            tails[view.boxes[view.box_of[number]].id] = None
    for tail in [*tails][:MAX_TENSORS]:
        yield Edge(tail, ERROR_ID, 0)


def short_name(name: str) -> str:
    """A function's name without what PyTorch puts behind it: `Mul` of `MulBackward0`."""
    return shown(name.partition(_BACKWARD)[0] or name, 20)


def _amount(count: int) -> str:
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if count >= size:
            return f"{count / min(size, 1_000 if unit == 'k' else size):.4g}{unit}"
    return f"{count:,}"


def _bytes(count: int) -> str:
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} B"


def _brief(number: float) -> str:
    return f"{number:.2g}"
