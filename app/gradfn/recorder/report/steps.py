"""The steps of a run: for each executed line what it bound, made, changed and printed."""

import math
import types
from itertools import repeat
from typing import Any

import torch

from gradfn.events.recorded import (
    MAX_STEPS,
    RecordedBinding,
    RecordedMoment,
    RecordedOutput,
    RecordedStep,
)
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.read.text import class_name, clean
from gradfn.recorder.report.tables import Tables
from gradfn.recorder.report.tensor_table import plain
from gradfn.recorder.watch.backward import Pass
from gradfn.recorder.watch.notes import Notes
from gradfn.recorder.watch.snapshots import TensorSnapshot

MAX_TOLD = 200  # of each kind of thing, in one step
_CLASSES: tuple[tuple[Any, str], ...] = (
    ((torch.nn.Module, types.ModuleType), "module"),
    ((torch.optim.Optimizer,), "optimizer"),
    ((types.FunctionType, types.BuiltinFunctionType, types.MethodType), "function"),
    ((type,), "class"),
)
_KIND_OF = {bool: "number", int: "number", float: "number", complex: "number", str: "text"}


class StepReport:
    """Sorts what was noted by step. Of what is gone the look-alike in the graph stands for it."""

    def __init__(self, notes: Notes, passes: list[Pass], tables: Tables, *, threaded: bool) -> None:
        self._notes, self._passes, self._tables = notes, passes, tables
        self._tensors = tables.tensors
        count = len(notes.steps)
        self._bound: list[list[RecordedBinding]] = [[] for _ in range(count)]
        self._made: list[list[RecordedOutput]] = [[] for _ in range(count)]
        self._changed: list[list[RecordedMoment]] = [[] for _ in range(count)]
        self._printed: list[list[bytes]] = [[] for _ in range(count)]
        # What each function returned, by sequence number; threads have such numbers of their own.
        self._given: dict[int, dict[int, Any]] = {}
        for seen in notes.snapshots.all:
            if seen.seq >= 0 and not threaded:
                self._given.setdefault(seen.seq, {}).setdefault(seen.output_nr, seen.captured)

    def steps(self) -> list[RecordedStep]:
        """All steps, in order."""
        self._sort_bindings()
        self._sort_operations()
        self._sort_changes()
        for step, text in self._notes.printed:
            if 0 <= step < len(self._printed):
                self._printed[step].append(text)
        return [
            self._step(number, *step) for number, step in enumerate(self._notes.steps[:MAX_STEPS])
        ]

    def _step(self, at: int, site: int, stack: int, iteration: int, number: int) -> RecordedStep:
        frames = self._tables.frames(stack)
        return RecordedStep(
            line=frames[-1][1] if frames else self._tables.sites[site].line,
            number=number,
            depth=max(len(frames) - 1, 0),
            function=clean(frames[-1][0], 200) if frames else "<module>",
            iteration=iteration if iteration >= 0 else None,
            bound=self._bound[at][:MAX_TOLD],
            made=self._made[at][:MAX_TOLD],
            changed=self._changed[at][:MAX_TOLD],
            printed=clean(b"".join(self._printed[at]).decode("utf-8", "replace"), 20_000),
        )

    def _sort_bindings(self) -> None:
        for step, site, values in self._notes.bindings:
            at = self._tables.sites[site]
            if step >= 0 and at.kind == "unbound":
                self._bound[step] += [self._name(at, name, "deleted", "") for name in at.binds]
            elif step >= 0:
                self._bound[step] += map(self._bound_one, repeat(at), at.binds, values)

    def _bound_one(self, site: Site, name: str, value: Any) -> RecordedBinding:
        if type(value) is TensorSnapshot:
            found = self._tensors.brief(value.captured)
            return self._name(site, name, "tensor", "", found, self._index(value))
        if isinstance(value, type):
            return self._name(site, name, _kind_of(value), f"<{class_name(value)}>")
        kind = _KIND_OF.get(type(value), "other")
        return self._name(site, name, kind, clean(_repr(value), 1_000))

    def _name(
        self, site: Site, name: str, kind: Any, text: str, value: Any = None, tensor: Any = None
    ) -> RecordedBinding:
        local = site.in_function and name not in site.outer
        return RecordedBinding(clean(name, 200), kind, text, value, tensor, local)

    def _index(self, seen: TensorSnapshot) -> int | None:
        function = self._tensors.function_of_seq.get(seen.seq) if seen.seq >= 0 else None
        if function is not None:
            return self._tensors.output(function, seen.output_nr)
        return self._tensors.alive(seen)

    def _sort_operations(self) -> None:
        """Each operation's functions: those in the graph themselves, else those of its place."""
        of_seq = self._tensors.function_of_seq
        alike: dict[tuple[int, int, int], list[tuple[int, ...]]] = {}
        counts: dict[tuple[int, int, int], int] = {}
        making = [each for each in self._notes.operations if each[4] > each[3]]
        for note in making:
            key = (note[0], note[1], note[4] - note[3])
            counts[key] = counts.get(key, 0) + 1
            found = tuple(
                of_seq.get(seq, -1) for seq in range(note[3], min(note[4], note[3] + 500))
            )
            if any(each >= 0 for each in found):
                alike.setdefault(key, []).append(found)
        nr: dict[tuple[int, int, int], int] = {}
        for note in making:
            key = (note[0], note[1], note[4] - note[3])
            nr[key] = nr.get(key, -1) + 1
            shown = alike.get(key)
            if shown and note[2] >= 0 and len(self._made[note[2]]) < MAX_TOLD:
                # Counted from the end, for it is the last iteration that is left.
                functions = shown[(nr[key] - counts[key]) % len(shown)]
                self._made[note[2]] += self._made_by(note, functions)

    def _made_by(self, note: tuple[Any, ...], functions: tuple[int, ...]) -> list[RecordedOutput]:
        found = []
        for seq, function in enumerate(functions, note[3]):
            seen = self._given.get(seq, {0: None})
            if function >= 0:
                found += [
                    RecordedOutput(function, output_nr, self._tensors.brief(captured))
                    for output_nr, captured in seen.items()
                ]
        return found

    def _sort_changes(self) -> None:
        for one in self._passes:
            for seen, _, after in one.accumulated:
                self._moment(one.step, seen, "grad", after)
        for _, _, step, changed, _ in self._notes.mutations.training:
            for seen, attribute, captured, _ in changed:
                self._moment(step, seen, attribute, captured)
        for change in self._notes.mutations.changes:
            self._moment(change.step, change.after, "value", change.after.captured)

    def _moment(self, step: int, seen: TensorSnapshot, attribute: str, captured: Any) -> None:
        tensor = self._tensors.alive(seen)
        if tensor is not None and 0 <= step < len(self._changed):
            value = self._tensors.brief(captured)
            self._changed[step].append(RecordedMoment(tensor, attribute, value))  # type: ignore[arg-type]


def _kind_of(kind: type) -> str:
    for base, name in _CLASSES:
        if any(type.__subclasscheck__(each, kind) for each in base):
            return name
    return "other"


def _repr(value: Any) -> str:
    if type(value) is int and abs(value) > 10**1_000:
        return "a very large int"
    if type(value) is str:
        return repr(value[:1_000])
    return repr(value) if type(value) is not float or math.isfinite(value) else str(plain(value))
