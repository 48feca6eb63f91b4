"""What the recorder told, put into the run document. Every index is checked: it may be forged."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from gradfn.events import recorded as told
from gradfn.model.document import Function, Operand, RunDocument, Saved
from gradfn.model.recording import (
    BackwardPass,
    Bound,
    Changed,
    Cut,
    InPlaceChange,
    Made,
    Moment,
    PassedFunction,
    Recording,
    Span,
    StackFrame,
    Step,
    TrainingEvent,
)

T = TypeVar("T")
NOWHERE = Span(1, 0, 1, 0)
# A stack is told once and has as many places in the document as there are that refer to it.
STACK_CHARACTERS, FRAME_CHARACTERS = 20_000_000, 30


class RecordingFold:
    """A record of the recorder, beside the document that it completes."""

    def __init__(self, document: RunDocument, record: told.Recorded, *, steps: bool) -> None:
        self._document, self._told, self._steps = document, record, steps
        self._tensors = len(document.graph.tensors)
        self._functions = len(document.graph.functions)
        self._places = [
            Span(each.line, each.column, each.end_line, each.end_column) for each in record.places
        ]
        self._stacks = [
            tuple(StackFrame(frame.function, frame.line) for frame in stack)
            for stack in record.stacks
        ]
        self._lengths = [
            sum(FRAME_CHARACTERS + len(frame.function) for frame in stack) for stack in self._stacks
        ]
        self._room = STACK_CHARACTERS

    def document(self) -> RunDocument:
        """The document with all that was recorded."""
        graph, thinned = self._document.graph, list(self._told.thinned)
        functions = list(graph.functions)
        for each in self._told.functions:
            if each.function < self._functions:
                functions[each.function] = self._function(functions[each.function], each)
        backward = tuple(map(self._pass, self._told.passes))
        cuts = tuple(map(self._cut, self._told.cuts))
        in_place = tuple(map(self._in_place, self._told.in_place))
        if self._room < 0:
            thinned.append("Some stacks were left out, for together they are too long.")
        return replace(
            self._document,
            graph=replace(graph, functions=tuple(functions)),
            backward=backward,
            cuts=cuts,
            in_place=in_place,
            training=tuple(map(self._training, self._told.training)),
            steps=tuple(map(self._step, self._told.steps)) if self._steps else None,
            recording=Recording(
                operations=self._told.operations,
                steps=self._told.executed,
                thinned=tuple(thinned),
            ),
        )

    def _tensor(self, position: int | None) -> str | None:
        known = position is not None and position < self._tensors
        return f"t{position + 1}" if known and position is not None else None

    def _function_id(self, position: int | None) -> str | None:
        known = position is not None and position < self._functions
        return f"f{position + 1}" if known and position is not None else None

    def _ids(self, positions: Iterable[int]) -> tuple[str, ...]:
        return tuple(id for id in map(self._tensor, positions) if id is not None)

    def _function(self, function: Function, each: told.RecordedFunction) -> Function:
        return replace(
            function,
            op=each.op,
            module=each.module,
            line=each.line,
            span=_at(self._places, each.place),
            stack=self._stack(each.stack),
            step=each.step,
            inputs=tuple(
                Operand(operand.argument, self._tensor(operand.tensor), operand.value)
                for operand in each.inputs
            ),
            saved=tuple(
                Saved(kept.name, self._tensor(kept.tensor), kept.value, kept.freed, kept.modified)
                for kept in each.saved
            ),
        )

    def _changed(self, each: told.RecordedChange) -> Changed:
        return Changed(each.name, self._tensor(each.tensor), each.before, each.after)

    def _pass(self, each: told.RecordedPass) -> BackwardPass:
        accumulated = tuple(map(self._changed, each.accumulated))
        into = (changed.tensor for changed in accumulated)
        return BackwardPass(
            line=each.line,
            call=each.call,
            roots=self._ids(each.roots),
            accumulated_into=tuple(dict.fromkeys(id for id in into if id is not None)),
            functions=tuple(
                PassedFunction(
                    self._function_id(passed.function),
                    tuple(passed.grad_outputs),
                    tuple(passed.grad_inputs),
                    passed.name,
                )
                for passed in each.functions
            ),
            stack=self._stack(each.stack),
            step=each.step,
            root_values=tuple(each.root_values),
            seed=tuple(each.seed),
            accumulated=accumulated,
            alike=each.alike if each.alike is None or each.alike < len(self._told.passes) else None,
            truncated=each.truncated,
        )

    def _stack(self, position: int | None) -> tuple[StackFrame, ...]:
        if position is None or position >= len(self._stacks) or self._room < 0:
            return ()
        self._room -= self._lengths[position]
        return self._stacks[position] if self._room >= 0 else ()

    def _code(self, place: int) -> str:
        return self._told.places[place].code if place < len(self._places) else ""

    def _cut(self, each: told.RecordedCut) -> Cut:
        return Cut(
            reason=each.reason,
            code=self._code(each.place),
            span=_at(self._places, each.place) or NOWHERE,
            stack=self._stack(each.stack),
            step=each.step,
            name=each.name,
            tensor=self._tensor(each.tensor),
            function=self._function_id(each.function),
            result=self._tensor(each.result),
            times=each.times,
        )

    def _in_place(self, each: told.RecordedInPlaceChange) -> InPlaceChange:
        saved_by = (self._function_id(position) for position in each.saved_by)
        return InPlaceChange(
            op=each.op,
            code=self._code(each.place),
            span=_at(self._places, each.place) or NOWHERE,
            stack=self._stack(each.stack),
            step=each.step,
            name=each.name,
            tensor=self._tensor(each.tensor),
            function=self._function_id(each.function),
            version_before=each.version_before,
            version=each.version,
            saved_by=tuple(id for id in saved_by if id is not None),
        )

    def _training(self, each: told.RecordedTraining) -> TrainingEvent:
        changed = tuple(map(self._changed, each.changed))
        return TrainingEvent(each.kind, each.line, each.step, self._code(each.place), changed)

    def _step(self, each: told.RecordedStep) -> Step:
        return Step(
            line=each.line,
            number=each.number,
            depth=each.depth,
            function=each.function,
            iteration=each.iteration,
            bound=tuple(
                Bound(one.name, one.kind, one.repr, one.value, self._tensor(one.tensor), one.local)
                for one in each.bound
            ),
            made=tuple(
                Made(id, made.output_nr, made.value)
                for made in each.made
                if (id := self._function_id(made.function)) is not None
            ),
            changed=tuple(
                Moment(id, moment.attribute, moment.value)
                for moment in each.changed
                if (id := self._tensor(moment.tensor)) is not None
            ),
            printed=each.printed,
        )


def _at(table: Sequence[T], position: int | None) -> T | None:
    return table[position] if position is not None and position < len(table) else None
