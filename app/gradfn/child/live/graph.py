"""The graph of a live run while it runs: all of it when its shape is new, else what changed in it.

No tensor and no function is kept between two walks, for that would keep a graph alive.
"""

import time
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any

from gradfn.child.live.training import names_in
from gradfn.events.kinds import ChildEvent, GraphRead, VariablesBound
from gradfn.events.live import (
    MAX_MOVED,
    MAX_MOVED_ELEMENTS,
    MAX_SEEN_FUNCTIONS,
    GraphMoved,
    TensorMoved,
)
from gradfn.events.run import Program
from gradfn.events.values import TensorValue
from gradfn.events.wire import encode
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.graph import Walk, walk_functions
from gradfn.recorder.read.names import Named, name_tensors
from gradfn.recorder.read.tensors import Found, quiet, reached, read_tensors, read_variables
from gradfn.recorder.read.values import captured_value
from gradfn.recorder.recorder import Recorder, frames_of_program
from gradfn.recorder.report.passes import passed_functions
from gradfn.recorder.report.report import report_recording
from gradfn.recorder.torch_internals import (
    grad_of,
    requires_grad,
    sequence_nr,
    without_user_hooks,
)
from gradfn.recorder.watch.backward import Pass
from gradfn.recorder.watch.snapshots import capture, version_of

WALK_SECONDS = 0.2  # between two walks, or longer: so many times what the last one took
TIMES_LONGER = 40
SHAPE_SECONDS = 1.0  # a graph that has another shape each time is not emitted more often
MAX_BYTES = 1_000_000  # of a graph; a larger one is shown at the end


class LiveGraph:
    """Walks the graph after backward passes and where the run is paused."""

    def __init__(
        self,
        recorder: Recorder,
        names: dict[str, Any],
        program: Program,
        emit: Callable[[ChildEvent], None],
    ) -> None:
        self._recorder, self._names, self._program = recorder, names, program
        self._emit = emit
        self._next_walk = self._next_shape = 0.0
        self._shape: tuple[bytes, ...] = ()
        self._number = -1  # of the shape
        self._positions: dict[str, int] = {}  # of tensors in the graph that was emitted
        self._before: dict[int, tuple[Any, int]] = {}  # weak, with the version

    def is_due(self) -> bool:
        """Whether the graph is walked after the next pass."""
        return time.monotonic() >= self._next_walk

    def pass_ended(self, frames: list[FrameType], iteration: int, one: Pass | None) -> None:
        """A backward pass has ended in these frames; `one` is what it did, where that is known."""
        started = time.monotonic()
        with self._recorder.failures.guard("live_graph"):  # the program must not notice
            self._walk_and_emit({**names_in(frames), **self._names}, iteration, one, started)
        ended = time.monotonic()
        self._next_walk = started + max(WALK_SECONDS, TIMES_LONGER * (ended - started))

    def paused(self, frame: FrameType, iteration: int | None) -> None:
        """The run is paused: the whole graph is emitted, as it is now."""
        with self._recorder.failures.guard("live_graph"):
            names = {**names_in(frames_of_program(frame)), **self._names}
            found, walk = self._walk(names)
            variables = read_variables(self._names, found, runs_code=False)
            self._emit_whole(found, walk, iteration, self._recorder.latest_pass, variables)

    def _walk_and_emit(
        self, names: dict[str, Any], iteration: int, one: Pass | None, now: float
    ) -> None:
        found, walk = self._walk(names)
        if _shape_of(walk, found) == self._shape:
            if self._positions:
                self._emit(self._changes(found, walk, iteration, one))
        elif now >= self._next_shape:
            self._next_shape = now + SHAPE_SECONDS
            self._emit_whole(found, walk, iteration, one, None)

    def _walk(self, names: dict[str, Any]) -> tuple[Found, Walk]:
        found = Found(name_tensors(names), [])
        with without_user_hooks():
            walk = walk_functions(found.roots(None) + self._recorder.roots, MAX_SEEN_FUNCTIONS)
        return reached(found, walk, None), walk

    def _emit_whole(
        self,
        found: Found,
        walk: Walk,
        iteration: int | None,
        one: Pass | None,
        variables: VariablesBound | None,
    ) -> None:
        self._shape = _shape_of(walk, found)
        self._number += 1
        read = read_tensors(found, walk, self._program.max_values)
        read, recorded = report_recording(
            self._recorder,
            walk,
            found,
            read,
            self._names,
            self._program,
            lambda report: report.so_far(one),
        )
        graph = GraphRead(iteration, self._number, walk.walked, read, recorded, variables)
        self._positions.clear()
        if len(encode(graph)) > MAX_BYTES:
            return
        self._positions = {
            name: position
            for position, each in enumerate(read.tensors[:MAX_MOVED])
            for name in each.names[:1]
        }
        self._before.clear()
        self._emit(graph)

    def _changes(self, found: Found, walk: Walk, iteration: int, one: Pass | None) -> GraphMoved:
        values = LimitedValues(self._program.max_values)
        with quiet(), without_user_hooks():
            return GraphMoved(
                iteration,
                self._number,
                root_values=[values.of(each) for each in one.root_values] if one else [],
                passed=passed_functions(one, _index(one, walk), values.of) if one else [],
                tensors=[
                    TensorMoved(at, values.of(capture(named.tensor)), values.of(_grad(named)))
                    for named in found.named.values()
                    if (at := self._position(named)) is not None
                ],
            )

    def _position(self, named: Named) -> int | None:
        """Where the tensor is in the emitted graph; None when nothing can have changed in it."""
        at = self._positions.get(named.names[0]) if named.names else None
        if at is None:
            return None
        version, tensor = version_of(named.tensor), named.tensor
        before, self._before[at] = self._before.get(at), (weakref.ref(tensor), version)
        is_same = before is not None and before[0]() is tensor and before[1] == version
        return None if is_same and not requires_grad(tensor) else at


class LimitedValues:
    """Values for an event that goes to every watcher: listed as long as there is room."""

    def __init__(self, max_values: int) -> None:
        self._max_values, self._left = max_values, MAX_MOVED_ELEMENTS

    def of(self, captured: Captured | None) -> TensorValue | None:
        """The value; its summary where it is long."""
        value = captured_value(captured, min(self._max_values, self._left))
        self._left -= len(value.data) if value is not None and value.data is not None else 0
        return value


def _shape_of(walk: Walk, found: Found) -> tuple[bytes, ...]:
    walked = walk.walked
    names = "\n".join(each.names[0] for each in found.named.values() if each.names)
    kinds = "\n".join(walked.kinds)
    return names.encode(), kinds.encode(), walked.kind_of, walked.offsets, walked.functions


def _index(one: Pass, walk: Walk) -> list[int | None]:
    """Where the functions of a pass stand in the walk."""
    by_seq = {sequence_nr(function): at for at, function in enumerate(walk.functions)}
    leaves = {id(leaf): at for at, leaf in walk.leaves}
    return [
        leaves.get(id(one.leaves[position].ref())) if position in one.leaves else by_seq.get(seq)
        for position, seq in enumerate(one.seqs)
    ]


def _grad(named: Named) -> Any:
    grad = grad_of(named.tensor)
    return None if grad is None else capture(grad)
