"""What changed tensors that were there, as events: in place, by an optimizer, by assignment."""

from collections import deque
from typing import Any

from gradfn.events.recorded import (
    MAX_PARTS,
    RecordedFunction,
    RecordedInPlaceChange,
    RecordedTraining,
)
from gradfn.recorder.read.text import clean
from gradfn.recorder.report.tables import Tables
from gradfn.recorder.watch.backward import Pass
from gradfn.recorder.watch.mutations import Change
from gradfn.recorder.watch.notes import Notes

MAX_CHANGES = 1_000
MAX_TRAINING = 5_000


def in_place_of(
    changes: list[Change], tables: Tables, functions: list[RecordedFunction]
) -> list[RecordedInPlaceChange]:
    """The latest in-place changes, each with the functions that had kept the old value."""
    keepers: dict[int, list[RecordedFunction]] = {}  # who had kept a tensor changed since
    for function in functions:
        for saved in function.saved:
            if saved.modified and saved.tensor is not None:
                keepers.setdefault(saved.tensor, []).append(function)
    found = []
    tensors, function_of = tables.tensors, tables.tensors.function_of_seq
    for site, stack, step, before, after in changes[-MAX_CHANGES:]:
        at, now = tables.sites[site], tensors.alive(after)
        old = tensors.index(before) if before.seq < 0 or before.seq in function_of else None
        found.append(
            RecordedInPlaceChange(
                op=clean(at.name, 200),
                span=(place := tables.place(at)),
                code=place,
                stack=tables.stack(stack, at.line),
                step=max(step, 0),
                name=tables.name_of(now, at),
                tensor=now if now is not None else old,
                function=function_of.get(after.seq),
                version_before=before.version,
                version=after.version,
                saved_by=[
                    function.function
                    for tensor in {old, tensors.alive(before)} - {None}
                    for function in keepers.get(tensor, [])  # type: ignore[arg-type]
                    if function.step is None or function.step < step
                ],
            )
        )
    return found


def training_of(notes: Notes, passes: list[Pass], tables: Tables) -> list[RecordedTraining]:
    """What training loops do beside backward passes, each value with the one before it."""
    last: dict[tuple[int, str], Any] = {}
    found = []
    rest = deque(passes)
    brief, identity = tables.tensors.brief, notes.snapshots.identity
    for kind, site, step, changed, began in notes.mutations.training[:MAX_TRAINING]:
        while rest and rest[0].step <= step:
            for seen, _, after in rest.popleft().accumulated:
                last[identity(seen), "grad"] = brief(after)
        changes = []
        for seen, attribute, captured, earlier in changed[:MAX_PARTS]:
            key = (identity(seen), attribute)
            now = brief(captured)
            before = last.get(key)
            # What was seen of it later than the last event: recording may have rested between.
            if earlier is not None:
                before = brief(earlier.captured)
            last[key] = now
            changes.append(tables.change(seen, before, now))
        at = tables.sites[site]
        found.append(
            RecordedTraining(
                kind=kind,
                code=tables.place(at),
                line=at.line,
                step=max(step, 0),
                changed=changes,
                began=began if began is None else max(began, 0),
            )
        )
    return found
