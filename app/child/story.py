"""The notes of a run as records: tied to the functions and tensors of the graph at its end."""

from collections import deque
from collections.abc import Callable
from typing import Any

from msgspec import structs

from app.child.cast import Cast
from app.child.cuts import cuts_of
from app.child.modules import module_paths
from app.child.origins import Operands, Origins
from app.child.passes import Pass
from app.child.read import Found, quiet
from app.child.record import Recorder
from app.child.retelling import Retelling
from app.child.seen import Seen
from app.child.sites import Site
from app.child.tensors import undisturbed
from app.child.text import clean, type_name
from app.child.walk import ACCUMULATE_GRAD, Walk
from app.child.ways_back import pass_of, passes_of
from app.events.kinds import Program, TensorsRead
from app.events.recorded import (
    MAX_FUNCTIONS_TOLD,
    MAX_PARTS,
    ChangeTold,
    FrameTold,
    FunctionTold,
    InPlaceTold,
    PlaceTold,
    Recorded,
    TrainingTold,
)
from app.events.wire import MAX_RECORD_BYTES, encode

LATER_STEPS = "Later steps were left out."
MAX_CHANGES = 1_000
MAX_TRAINING = 5_000
_KINDS = {
    "zero_grad": "zero_grad",
    "optimizer_step": "optimizer_step",
    "assign_grad": "assign_grad",
    "assign_data": "assign_data",
}


def tell_story(
    recorder: Recorder,
    walk: Walk,
    found: Found,
    read: TensorsRead,
    names: dict[str, Any],
    program: Program,
    tell: Callable[["Story"], Recorded] | None = None,
) -> tuple[TensorsRead, Recorded]:
    """The tensors, those added that only the recorder saw, and all that it noted."""
    objects = [each.tensor for each in found.named.values()] + found.unnamed
    try:
        return _tell(recorder, walk, objects, read, names, program, tell or Story.tell)
    except Exception as error:  # what the program did to torch never costs it its graph
        lost = f"What was recorded could not be told: {type_name(error)}."
        return read, Recorded([], [], [], [], [], [], [], [], 0, 0, [lost])


def _tell(
    recorder: Recorder,
    walk: Walk,
    objects: list[Any],
    read: TensorsRead,
    names: dict[str, Any],
    program: Program,
    tell: Callable[["Story"], Recorded],
) -> tuple[TensorsRead, Recorded]:
    notes = recorder.notes
    with quiet(), undisturbed():
        cast = Cast(
            read.tensors,
            objects[: len(read.tensors)],
            walk,
            notes.album,
            notes.sites,
            program.max_values,
        )
        recorded = tell(Story(recorder, walk, cast, names, program.code))
    return TensorsRead(cast.told, read.truncated), fitting(recorded)


def fitting(recorded: Recorded) -> Recorded:
    """The record, its last steps left out where it would be longer than the wire takes."""
    while len(encode(recorded)) > MAX_RECORD_BYTES and recorded.steps:
        steps, thinned = recorded.steps[: len(recorded.steps) // 2], recorded.thinned
        if LATER_STEPS not in thinned:
            thinned = [*thinned, LATER_STEPS]
        recorded = structs.replace(recorded, steps=steps, thinned=thinned)
    return recorded


class Story:
    """Tells what was noted. Indices are those of the walk and of the cast."""

    def __init__(
        self, recorder: Recorder, walk: Walk, cast: Cast, names: dict[str, Any], source: str
    ) -> None:
        self.recorder, self.walk, self.cast = recorder, walk, cast
        self.notes, self.sites = recorder.notes, recorder.notes.sites
        self.lines = source.split("\n")
        self.names = names
        self.places: list[PlaceTold] = []
        self._place_of: dict[tuple[int, ...], int] = {}
        self.stacks: list[list[FrameTold]] = []
        self._stack_of: dict[Any, int] = {}
        self._stacks = {number: stack for stack, number in self.notes.stacks.items()}

    def tell(self) -> Recorded:
        """Everything, as one record."""
        self.recorder.note_last_passes()
        origins = self._origins()
        functions = self._functions(origins)
        retelling = Retelling(self, origins)
        return self._recorded(
            functions,
            passes=passes_of(self),
            in_place=self._in_place(functions),
            training=self._training(),
            steps=retelling.steps(),
        )

    def tell_now(self, one: Pass | None) -> Recorded:
        """How the graph came about, and one pass over it, while the program still runs."""
        functions = self._functions(self._origins())
        return self._recorded(
            functions, passes=[] if one is None else [pass_of(self, one, one, None)]
        )

    def _origins(self) -> Origins:
        origins = Origins(self.recorder, self.walk)
        self.cast.function_of_seq = {
            seq: position
            for position, seq in enumerate(origins.seqs)
            if type(origins.functions[position]) is not ACCUMULATE_GRAD
            and origins.thread_of(position) == 0
        }
        self._add_outputs()
        return origins

    def _recorded(self, functions: list[FunctionTold], **told: list[Any]) -> Recorded:
        empty: dict[str, list[Any]] = {"in_place": [], "training": [], "steps": []}
        return Recorded(
            functions=functions,
            cuts=cuts_of(self),
            places=self.places,
            stacks=self.stacks,
            operations=len(self.notes.operations),
            executed=self.notes.executed,
            thinned=self._thinned(),
            **{**empty, **told},
        )

    def place(self, site: Site) -> int:
        """The number of a site's place in the table."""
        if site.span not in self._place_of:
            line, column, end_line, end_column = site.span
            last = min(end_line, line + 5)
            text = "\n".join(self.lines[line - 1 : last])
            first, final = self._line(line), self._line(end_line)
            columns = len(first[:column].decode("utf-8", "replace"))
            end = len(final[:end_column].decode("utf-8", "replace"))
            tail = len(self.lines[last - 1]) - end if last == end_line else 0
            code = text[columns : len(text) - tail or None]
            self._place_of[site.span] = len(self.places)
            self.places.append(PlaceTold(line, columns, end_line, end, clean(code, 200)))
        return self._place_of[site.span]

    def stack(self, number: int, line: int) -> int:
        """The number of a stack in the table; where no function is around, it is the line."""
        key = number if number >= 0 else ("line", line)
        if key not in self._stack_of:
            frames = self._stacks[number] if number >= 0 else (("<module>", line),)
            self._stack_of[key] = len(self.stacks)
            self.stacks.append([FrameTold(clean(name, 200), at) for name, at in frames[-1_000:]])
        return self._stack_of[key]

    def frames(self, number: int) -> tuple[tuple[str, int], ...]:
        """The frames of a noted stack, outermost first; none where no function is around."""
        return self._stacks.get(number, ())

    def name_of(self, tensor: int | None, site: Site) -> str:
        """What the program calls a tensor: a name it has, or what stood before the dot."""
        names = self.cast.told[tensor].names if tensor is not None else []
        return names[0] if names else clean(site.base, 200)

    def _line(self, number: int) -> bytes:
        return self.lines[number - 1].encode() if number <= len(self.lines) else b""

    def _add_outputs(self) -> None:
        """What walked functions gave, though it is gone."""
        for seen in self.notes.album.pictures:
            if seen.seq in self.cast.function_of_seq:
                self.cast.index(seen)

    def _functions(self, origins: Origins) -> list[FunctionTold]:
        operands = Operands(self.walk, self.cast, self.sites, self.recorder.hooked.covers)
        outputs: dict[int, list[int]] = {}
        for position, tensor in enumerate(self.cast.told):
            if tensor.grad_fn is not None:
                outputs.setdefault(tensor.grad_fn, []).append(position)
        paths = module_paths(self.names)
        once: dict[int, dict[str, Seen]] = {}  # what was freed since, by sequence number
        for one in [] if origins.threaded else self.recorder.passes.passes:
            once |= one.kept
        told = []
        for position, node in enumerate(origins.functions):
            origin = origins.of(position)
            site = self.sites[origin.site] if origin else None
            module = self.recorder.modules.module_of(origins.seqs[position]) if origin else None
            seq = origins.seqs[position]
            kept = operands.kept(node, origin, once.get(seq, {}), self.notes.album)
            inputs = [
                structs.replace(each, tensor=kept.get(each.argument))
                if each.tensor is None and each.value is None
                else each
                for each in operands.inputs(node, origin)
            ]
            frames = self.frames(origin.stack) if origin else ()
            line = frames[-1][1] if frames else site.line if site else None
            told.append(
                FunctionTold(
                    function=position,
                    op=operands.op_of(node, origin),
                    module=clean(paths.get(id(module), type(module).__name__), 200)
                    if module is not None
                    else "",
                    line=line,
                    place=self.place(site) if site else None,
                    stack=self.stack(origin.stack, line) if origin and line else None,
                    step=max(origin.note[2], 0) if origin and origin.note else None,
                    inputs=inputs,
                    saved=operands.saved(node, inputs, outputs.get(position, []), kept),
                )
            )
        return told

    def changed(self, seen: Seen, before: Any, after: Any) -> ChangeTold:
        tensor = self.cast.alive(seen)
        return ChangeTold(self.name_of(tensor, self.sites[seen.site]), tensor, before, after)

    def _in_place(self, functions: list[FunctionTold]) -> list[InPlaceTold]:
        keepers: dict[int, list[FunctionTold]] = {}  # of tensors changed since, who had kept them
        for function in functions:
            for saved in function.saved:
                if saved.modified and saved.tensor is not None:
                    keepers.setdefault(saved.tensor, []).append(function)
        told = []
        for site, stack, step, before, after in self.notes.changes[-MAX_CHANGES:]:
            at = self.sites[site]
            old = (
                self.cast.index(before)
                if before.seq < 0 or before.seq in self.cast.function_of_seq
                else None
            )
            told.append(
                InPlaceTold(
                    op=clean(at.name, 200),
                    place=self.place(at),
                    stack=self.stack(stack, at.line),
                    step=max(step, 0),
                    name=self.name_of(self.cast.alive(after), at),
                    tensor=self.cast.alive(after) if self.cast.alive(after) is not None else old,
                    function=self.cast.function_of_seq.get(after.seq),
                    version_before=before.version,
                    version=after.version,
                    saved_by=[
                        function.function
                        for tensor in {old, self.cast.alive(before)} - {None}
                        for function in keepers.get(tensor, [])  # type: ignore[arg-type]
                        if function.step is None or function.step < step
                    ],
                )
            )
        return told

    def _training(self) -> list[TrainingTold]:
        last: dict[tuple[int, str], Any] = {}
        told = []
        passes = deque(self.recorder.passes.passes)
        for kind, site, step, changed in self.notes.training[:MAX_TRAINING]:
            while passes and passes[0].step <= step:
                for seen, _, after in passes.popleft().accumulated:
                    last[self.notes.album.who(seen), "grad"] = self.cast.brief(after)
            at = self.sites[site]
            changes = []
            for seen, attribute, captured in changed[:MAX_PARTS]:
                key = (self.notes.album.who(seen), attribute)
                now = self.cast.brief(captured)
                before = last.get(key)
                if before is None and attribute == "value" and seen.previous is not None:
                    before = self.cast.brief(seen.previous.captured)
                last[key] = now
                changes.append(self.changed(seen, before, now))
            told.append(
                TrainingTold(
                    kind=_KINDS.get(kind, "assign_data"),  # type: ignore[arg-type]
                    place=self.place(at),
                    line=at.line,
                    step=max(step, 0),
                    changed=changes,
                )
            )
        return told

    def _thinned(self) -> list[str]:
        notes, told = self.notes, []
        if self.recorder.marks is not None and self.recorder.marks.failures:
            told.append("Some notes were lost where the stack or the memory was at its end.")
        if notes.sampled_after is not None:
            told.append(
                f"After {notes.sampled_after:,} steps only a sample of the iterations was recorded."
            )
        if notes.ended_early:
            told.append("Then recording ended: there was no room for more.")
        if self.recorder.passes.full:
            told.append("Later backward passes are not told one by one.")
        if len(self.walk.functions) > MAX_FUNCTIONS_TOLD:
            told.append(
                f"Only the {MAX_FUNCTIONS_TOLD:,} functions nearest to the roots have their lines."
            )
        if self.cast.thinned:
            told.append("Values of later steps were left out.")
        if self.cast.truncated:
            told.append("Values of further intermediates were left out.")
        return told
