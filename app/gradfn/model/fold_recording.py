"""What was recorded, put into the run document. Every index is checked: it may be forged."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gradfn.events.recorded import Recorded, RecordedPass
from gradfn.model.document import Function, RunDocument
from gradfn.model.publish import Convert, Publisher, Resolve
from gradfn.model.recording import (
    BackwardPass,
    Cut,
    InPlaceChange,
    Recording,
    Span,
    StackFrame,
    Step,
    TrainingEvent,
)

# A stack is sent once and has as many places in the document as there are that refer to it.
STACK_CHARACTERS, FRAME_CHARACTERS = 20_000_000, 30


def with_recording(document: RunDocument, recorded: Recorded, *, steps: bool) -> RunDocument:
    """The document with all that was recorded."""
    graph, thinned = document.graph, list(recorded.thinned)
    tables = Publisher({})
    stacks = _Stacks([tables.all(StackFrame, stack) for stack in recorded.stacks])
    publisher = Publisher(
        {
            **resolve_ids(len(graph.tensors), len(graph.functions)),
            "span": _lookup(tables.all(Span, recorded.places)),
            "code": _lookup(place.code for place in recorded.places),
            "stack": stacks.at,
            "pass": _lookup(range(len(recorded.passes))),
        }
    )
    functions = list(graph.functions)
    for each in recorded.functions:
        if each.function < len(functions):
            made = publisher.fields(Function, each)
            functions[each.function] = replace(functions[each.function], **made)
    backward = tuple(_backward_pass(each, publisher) for each in recorded.passes)
    cuts = publisher.all(Cut, recorded.cuts)
    in_place = publisher.all(InPlaceChange, recorded.in_place)
    if stacks.room < 0:
        thinned.append("Some stacks were left out, for together they are too long.")
    return replace(
        document,
        graph=replace(graph, functions=tuple(functions)),
        backward=backward,
        cuts=cuts,
        in_place=in_place,
        training=publisher.all(TrainingEvent, recorded.training),
        steps=publisher.all(Step, recorded.steps) if steps else None,
        recording=Recording(
            operations=recorded.operations, steps=recorded.executed, thinned=tuple(thinned)
        ),
    )


def resolve_ids(tensors: int, functions: int) -> Resolve:
    """Indices of tensors and functions as their ids, where there are so many of them."""
    return {
        "tensor": _lookup(f"t{position + 1}" for position in range(tensors)),
        "function": _lookup(f"f{position + 1}" for position in range(functions)),
    }


class _Stacks:
    """The stacks of a recording, as long as there is room for them in the document."""

    def __init__(self, stacks: list[tuple[StackFrame, ...]]) -> None:
        self.room = STACK_CHARACTERS
        self._stacks = stacks
        self._lengths = [
            sum(FRAME_CHARACTERS + len(frame.function) for frame in stack) for stack in stacks
        ]

    def at(self, index: int | None) -> tuple[StackFrame, ...]:
        if index is None or index >= len(self._stacks) or self.room < 0:
            return ()
        self.room -= self._lengths[index]
        return self._stacks[index] if self.room >= 0 else ()


def _backward_pass(recorded: RecordedPass, publisher: Publisher) -> BackwardPass:
    made = publisher.fields(BackwardPass, recorded)
    into = (changed.tensor for changed in made["accumulated"])
    accumulated_into = tuple(dict.fromkeys(id for id in into if id is not None))
    return BackwardPass(accumulated_into=accumulated_into, **made)


def _lookup(table: Iterable[Any]) -> Convert:
    """What stands at a place of the table, None for a place that it has not."""
    return dict(enumerate(table)).get
