"""What a file or a cell says of each box of its picture, and of each backward pass over it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from gradfn.model.document import Function, RunDocument, Saved, Tensor
from gradfn.model.recording import BackwardPass
from gradfn.render.quote import shown
from gradfn.render.rows import name_of, number_text, value_text

MAX_CARDS, MAX_FRAMES, MAX_ROWS = 600, 2_000, 24
TEXT = 400  # characters of a row
LISTED = 64  # elements of a tensor
NO_HOMES: Mapping[str, Sequence[str]] = {}
Row = tuple[str, str]


def cards_json(
    document: RunDocument, drawn: Collection[str], homes: Mapping[str, Sequence[str]] = NO_HOMES
) -> str:
    """JSON for `view.js`, safe in a script element: cards by id, passes with their functions.

    `drawn` are the ids of the boxes in the pictures; of others nothing is said. `homes` are the
    folds that a function is in, which stand for it in a picture where they are closed.
    """
    graph = document.graph
    names = {each.id: name_of(each) for each in graph.tensors}
    functions = {each.id: each.name for each in graph.functions}
    cards: dict[str, Any] = {}
    for tensor in graph.tensors:
        if tensor.id in drawn:
            cards[tensor.id] = (shown(name_of(tensor)), _cut(_of_tensor(tensor, functions)))
    for function in graph.functions:
        if function.id in drawn:
            rows = _of_function(function, names, functions)
            cards[function.id] = (shown(function.name), _cut(rows))
    listed = dict(list(cards.items())[:MAX_CARDS])
    played = {*drawn, *homes}
    passes = [_film(one, nr, names, played) for nr, one in enumerate(document.backward, 1)]
    kept: list[Any] = []
    room = MAX_FRAMES
    for each in reversed([one for one in passes if one["frames"]]):  # the latest are the nearest
        room -= len(each["frames"])
        if room < 0:
            break
        kept.insert(0, each)
    reached = {function for one in kept for function, _ in one["frames"]}
    inside = {each: list(homes[each]) for each in sorted(reached & set(homes))}
    told = {"cards": listed, "passes": kept, "homes": inside}
    text = json.dumps(told, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _cut(rows: Iterator[Row]) -> list[Row]:
    return [
        (key, text if len(text) <= TEXT else f"{text[:TEXT]} …")
        for key, text in list(rows)[:MAX_ROWS]
    ]


def _of_tensor(tensor: Tensor, functions: dict[str, str]) -> Iterator[Row]:
    value = tensor.value
    if value is not None:
        yield "shape", f"{tuple(value.shape)} {value.dtype}"
        yield "value", _elements(value)
    yield "grad", "None" if tensor.grad is None else _elements(tensor.grad)
    yield "is_leaf", str(tensor.is_leaf)
    yield "requires_grad", str(tensor.requires_grad)
    yield "grad_fn", "None" if tensor.grad_fn is None else functions.get(tensor.grad_fn, "?")
    if tensor.line is not None:
        yield "line", str(tensor.line)
    if tensor.version:
        yield "version", f"{tensor.version}: changed in place"
    if tensor.note:
        yield "note", tensor.note


def _of_function(
    function: Function, names: dict[str, str], functions: dict[str, str]
) -> Iterator[Row]:
    if function.variable is not None:
        yield "adds to", f"{names.get(function.variable, 'a leaf')}.grad"
    if following := [each for each in function.next_functions if each is not None]:
        yield "next_functions", ", ".join(functions.get(each.function, "?") for each in following)
    if function.op:
        yield "operation", function.op
    if function.module:
        yield "module", function.module
    if function.line is not None:
        yield "line", str(function.line)
    formula = function.formula
    if formula is not None:
        if formula.text:
            yield "forward", formula.text
        for partial in formula.partials:
            yield f"to {partial.argument}", partial.text or partial.pytorch
    for operand in function.inputs:
        given = names.get(operand.tensor or "") if operand.tensor else str(operand.value)
        yield operand.argument, given or "a tensor"
    for saved in function.saved:
        yield f"saved {saved.name}", _kept(saved, names)


def _kept(saved: Saved, names: dict[str, str]) -> str:
    if saved.freed:
        return "freed by a backward pass"
    what = names.get(saved.tensor, "a tensor") if saved.tensor else str(saved.value)
    return f"{what}, changed in place since" if saved.modified else what


def _film(
    one: BackwardPass, nr: int, names: dict[str, str], drawn: Collection[str]
) -> dict[str, Any]:
    at = "" if one.line is None else f", line {one.line}"
    roots = ", ".join(names.get(each, "a tensor") for each in one.roots[:3])
    frames = [
        (each.function, f"{each.name} got {', '.join(map(_gradient, each.grad_outputs[:3]))}")
        for each in one.functions
        if each.function in drawn
    ]
    return {"title": f"{one.call}() {nr} of {roots or 'a tensor'}{at}", "frames": frames}


def _gradient(value: Any) -> str:
    return "None" if value is None else value_text(value)


def _elements(value: Any) -> str:
    """The elements as they are, or what is known of many."""
    if value.data is not None and len(value.data) <= LISTED:
        return ", ".join(number_text(each) for each in value.data) or "no elements"
    summary = value.summary
    if summary is None:
        return f"{len(value.data):,} elements" if value.data is not None else "not shown"
    return ", ".join(
        f"{name} {number_text(getattr(summary, name))}"
        for name in ("min", "max", "mean", "norm")
        if getattr(summary, name) is not None
    )
