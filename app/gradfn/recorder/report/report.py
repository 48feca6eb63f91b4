"""The notes of a run as events, tied to the functions and tensors of the graph at its end."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from gradfn.events.kinds import TensorsRead
from gradfn.events.recorded import (
    MAX_RECORDED_FUNCTIONS,
    Recorded,
    RecordedFunction,
)
from gradfn.events.run import Program
from gradfn.events.wire import MAX_RECORD_BYTES, encode
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.tensors import Found, quiet
from gradfn.recorder.read.text import clean, type_name
from gradfn.recorder.recorder import Recorder
from gradfn.recorder.report.changes import in_place_of, training_of
from gradfn.recorder.report.cuts import cuts_of
from gradfn.recorder.report.functions import Closures, Operands, Origins
from gradfn.recorder.report.passes import PassReport
from gradfn.recorder.report.steps import StepReport
from gradfn.recorder.report.tables import Tables
from gradfn.recorder.report.tensor_table import TensorTable
from gradfn.recorder.torch_internals import ACCUMULATE_GRAD, without_user_hooks
from gradfn.recorder.watch.backward import Pass
from gradfn.recorder.watch.modules import module_paths
from gradfn.recorder.watch.snapshots import TensorSnapshot

LATER_STEPS = "Later steps were left out."


def report_recording(
    recorder: Recorder,
    walk: Walk,
    found: Found,
    read: TensorsRead,
    names: dict[str, Any],
    program: Program,
    part: "Callable[[Report], Recorded] | None" = None,
) -> tuple[TensorsRead, Recorded]:
    """The tensors, those added that only the recorder saw, and all that it noted."""
    objects = [each.tensor for each in found.named.values()] + found.unnamed
    try:
        return _report(recorder, walk, objects, read, names, program, part or Report.whole)
    except Exception as error:  # what the program did to torch never costs it its graph
        recorder.failures.count("report", error)
        lost = f"What was recorded could not be reported: {type_name(error)}."
        return read, Recorded([], [], [], [], [], [], [], [], 0, 0, [lost])


def _report(
    recorder: Recorder,
    walk: Walk,
    objects: list[Any],
    read: TensorsRead,
    names: dict[str, Any],
    program: Program,
    part: "Callable[[Report], Recorded]",
) -> tuple[TensorsRead, Recorded]:
    notes = recorder.notes
    with quiet(), without_user_hooks():
        tensors = TensorTable(
            read.tensors,
            objects[: len(read.tensors)],
            walk,
            notes.snapshots,
            notes.sites,
            program.max_values,
        )
        tables = Tables(tensors, notes.sites, notes.stacks, program.code)
        recorded = part(Report(recorder, walk, tables, names, steps=program.steps))
    return TensorsRead(tensors.tensors, read.truncated), fitting(recorded)


def fitting(recorded: Recorded) -> Recorded:
    """The record, its last steps left out where it would be longer than the wire takes."""
    while recorded.steps and len(encode(recorded)) > MAX_RECORD_BYTES:
        steps, thinned = recorded.steps[: len(recorded.steps) // 2], recorded.thinned
        if LATER_STEPS not in thinned:
            thinned = [*thinned, LATER_STEPS]
        recorded = structs.replace(recorded, steps=steps, thinned=thinned)
    return recorded


class Report:
    """Reports what was noted. Indices are those of the walk and of the tables."""

    def __init__(
        self,
        recorder: Recorder,
        walk: Walk,
        tables: Tables,
        names: dict[str, Any],
        *,
        steps: bool,
    ) -> None:
        self._recorder, self._walk, self._tables, self._names = recorder, walk, tables, names
        self._wants_steps = steps
        self._tensors, self._notes = tables.tensors, recorder.notes

    def whole(self) -> Recorded:
        """Everything, as one record; the steps if they were asked for."""
        self._recorder.note_last_passes()
        origins = self._origins()
        functions = self._functions(origins)
        passes = self._recorder.passes.passes
        steps = (
            StepReport(self._notes, passes, self._tables, threaded=origins.threaded)
            if self._wants_steps
            else None
        )
        return self._recorded(
            functions,
            passes=self._passes().all_of(passes),
            in_place=in_place_of(self._notes.mutations.changes, self._tables, functions),
            training=training_of(self._notes, passes, self._tables),
            steps=steps.steps() if steps else [],
        )

    def so_far(self, one: Pass | None) -> Recorded:
        """How the graph came about, and one pass over it, while the program still runs."""
        functions = self._functions(self._origins())
        passes = [] if one is None else [self._passes().of(one, one, None)]
        return self._recorded(functions, passes=passes)

    def _passes(self) -> PassReport:
        return PassReport(self._walk, self._tables)

    def _origins(self) -> Origins:
        origins = Origins(self._recorder, self._walk)
        self._tensors.function_of_seq = {
            seq: position
            for position, seq in enumerate(origins.seqs)
            if type(origins.functions[position]) is not ACCUMULATE_GRAD
            and origins.thread_of(position) == 0
        }
        for seen in self._notes.snapshots.all:  # what walked functions returned, though it is gone
            if seen.seq in self._tensors.function_of_seq:
                self._tensors.index(seen)
        return origins

    def _recorded(self, functions: list[RecordedFunction], **parts: list[Any]) -> Recorded:
        empty: dict[str, list[Any]] = {"in_place": [], "training": [], "steps": []}
        return Recorded(
            functions=functions,
            cuts=cuts_of(self._notes.operations, self._tables),
            places=self._tables.places,
            stacks=self._tables.stacks,
            operations=len(self._notes.operations),
            executed=self._notes.executed,
            thinned=self._left_out(),
            **{**empty, **parts},
        )

    def _functions(self, origins: Origins) -> list[RecordedFunction]:
        tables, passes = self._tables, self._recorder.passes.passes
        closures = Closures(self._notes.mutations.training, passes)
        hooked = self._recorder.hooked.covers
        operands = Operands(self._walk, self._tensors, tables.sites, hooked, closures)
        outputs: dict[int, list[int]] = {}
        for position, tensor in enumerate(self._tensors.tensors):
            if tensor.grad_fn is not None:
                outputs.setdefault(tensor.grad_fn, []).append(position)
        paths = module_paths(self._names)
        once: dict[int, dict[str, TensorSnapshot]] = {}  # what was freed since, by sequence number
        for one in [] if origins.threaded else passes:
            once |= one.kept
        found = []
        for position, node in enumerate(origins.functions):
            origin, seq = origins.of(position), origins.seqs[position]
            site = tables.sites[origin.site] if origin else None
            module = self._recorder.modules.module_of(seq) if origin else None
            kept = operands.kept(node, origin, once.get(seq, {}), self._notes.snapshots)
            inputs = [
                structs.replace(each, tensor=kept.get(each.argument))
                if each.tensor is None and each.value is None
                else each
                for each in operands.inputs(node, origin)
            ]
            frames = tables.frames(origin.stack) if origin else ()
            line = frames[-1][1] if frames else site.line if site else None
            found.append(
                RecordedFunction(
                    function=position,
                    op=operands.op_of(node, origin),
                    module=_path_of(module, paths),
                    line=line,
                    span=tables.place(site) if site else None,
                    stack=tables.stack(origin.stack, line) if origin and line else None,
                    step=max(origin.note[2], 0) if origin and origin.note else None,
                    inputs=inputs,
                    saved=operands.saved(node, inputs, outputs.get(position, []), kept),
                )
            )
        return found

    def _left_out(self) -> list[str]:
        notes, found = self._notes, []
        if self._recorder.failures.ran_out:
            found.append("Some notes were lost where the stack or the memory was at its end.")
        if self._recorder.failures.counts:
            found.append("Some notes were lost by a mistake in gradfn, which has been logged.")
        if notes.sampled_after is not None:
            found.append(
                f"After {notes.sampled_after:,} steps only a sample of the iterations was recorded."
            )
        if notes.ended_early:
            found.append("Then recording ended: there was no room for more.")
        if self._recorder.passes.full:
            found.append("Later backward passes are not listed one by one.")
        if len(self._walk.functions) > MAX_RECORDED_FUNCTIONS:
            found.append(
                f"Only the {MAX_RECORDED_FUNCTIONS:,} functions nearest to the roots "
                "have their lines."
            )
        if self._tensors.thinned:
            found.append("Values of later steps were left out.")
        if self._tensors.truncated:
            found.append("Values of further intermediates were left out.")
        return found


def _path_of(module: Any, paths: dict[int, str]) -> str:
    """How the program reaches a module; its class, where no name leads to it."""
    return clean(paths.get(id(module), type(module).__name__), 200) if module is not None else ""
