"""The tensors of a run's document: those alive at the end, and those the recorder saw."""

from typing import Any

from msgspec import structs

from gradfn.events.graph import MAX_TENSORS, TensorRead
from gradfn.events.values import MAX_VALUES, TensorValue
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.text import clean, type_name
from gradfn.recorder.read.values import captured_value, number
from gradfn.recorder.torch_internals import TENSOR, TensorBase, node_of, sequence_nr
from gradfn.recorder.watch.snapshots import Snapshots, TensorSnapshot, capture, version_of

MAX_TEXT = 1_000
BRIEF_ELEMENTS = 64
MAX_ELEMENTS = 150_000  # of all values, for a record has its limit
VALUE_COST = 4  # of shape, dtype and the rest, in elements
_MOST_INT = 2**63


class TensorTable:
    """Gives each tensor its index; one that is gone or changed is added when it is asked for."""

    def __init__(
        self,
        read: list[TensorRead],
        objects: list[Any],
        walk: Walk,
        snapshots: Snapshots,
        sites: list[Site],
        max_values: int,
    ) -> None:
        self.truncated = self.thinned = False
        self._elements_left = MAX_ELEMENTS
        self._walk, self._snapshots, self._sites = walk, snapshots, sites
        self.tensors = [
            structs.replace(
                each,
                line=self._line(seen := snapshots.known(tensor)),
                changed_since=each.grad_fn is not None and _is_changed(seen, tensor),
            )
            for each, tensor in zip(read, objects, strict=False)
        ]
        self._max_values = max_values
        self._by_id = {id(tensor): position for position, tensor in enumerate(objects)}
        self._objects = objects  # so that the ids stay theirs
        self._by_output = {
            (each.grad_fn, each.output_nr): position
            for position, each in enumerate(read)
            if each.grad_fn is not None
        }
        self._by_number: dict[int, int] = {}
        self.function_of_seq: dict[int, int] = {}

    def value(self, captured: Captured | None, listed: int = MAX_VALUES) -> TensorValue | None:
        """What was copied of a tensor, as an event has it; None when all has grown too large."""
        if captured is None or self._elements_left <= 0:
            self.thinned |= captured is not None
            return None
        listed = min(listed, self._max_values)
        self._elements_left -= VALUE_COST + (captured.count if captured.count <= listed else 7)
        return captured_value(captured, listed)

    def brief(self, captured: Captured | None) -> TensorValue | None:
        """The same for one of many steps: only a small tensor is listed."""
        return self.value(captured, BRIEF_ELEMENTS)

    def alive(self, seen: TensorSnapshot | None) -> int | None:
        """The index of the tensor object itself, whatever its value is by now."""
        tensor = seen.ref() if seen is not None else None
        return None if tensor is None else self._by_id.get(id(tensor))

    def object(self, tensor: Any) -> int | None:
        """The index of a tensor that is alive."""
        return self._by_id.get(id(tensor))

    def output(self, function: int, output_nr: int) -> int | None:
        """The index of what a function returned, where it is known."""
        return self._by_output.get((function, output_nr))

    def index(self, seen: TensorSnapshot) -> int | None:
        """The index of a tensor as it was seen, added when it is not in the table yet."""
        if (known := self._by_number.get(seen.number)) is not None:
            return known
        function = self.function_of_seq.get(seen.seq) if seen.seq >= 0 else None
        position = self._found(seen, function)
        if position is None and (seen.seq < 0 or function is not None):
            position = self._add(seen, function)
        if position is not None:
            self._by_number[seen.number] = position
        return position

    def _as_it_was(self, seen: TensorSnapshot) -> str | None:
        position = self.alive(seen)
        names = self.tensors[position].names if position is not None else []
        was = [f"{names[0]} as it was before it was changed in place."] if names else []
        captured = seen.captured
        if isinstance(getattr(captured, "elements", None), TENSOR):
            few = TensorBase.numel(captured.elements)  # type: ignore[union-attr]
            if few < captured.count:  # type: ignore[union-attr]
                was.append(f"The summary is over {few:,} of its {captured.count:,} elements.")  # type: ignore[union-attr]
        return " ".join(was) or None

    def _line(self, seen: TensorSnapshot | None) -> int | None:
        """Where a tensor was first seen."""
        while seen is not None and seen.previous is not None:
            seen = seen.previous
        return self._sites[seen.site].line if seen is not None and seen.site >= 0 else None

    def _found(self, seen: TensorSnapshot, function: int | None) -> int | None:
        if function is not None:
            return self._by_output.get((function, seen.output_nr))
        position = self.alive(seen)
        if position is None or seen.seq >= 0:
            return None
        return position if version_of(seen.ref()) == seen.version else None

    def _add(self, seen: TensorSnapshot, function: int | None) -> int | None:
        if len(self.tensors) >= MAX_TENSORS:
            self.truncated = True
            return None
        leaf_role = "leaf" if seen.requires_grad else "constant"
        self.tensors.append(
            TensorRead(
                names=[],
                role="intermediate" if function is not None else leaf_role,  # type: ignore[arg-type]
                is_leaf=function is None,
                requires_grad=seen.requires_grad,
                retains_grad=False,
                grad_fn=function,
                output_nr=seen.output_nr,
                value=self.value(seen.captured),
                grad=None,
                version=seen.version,
                accumulators=[],
                note=self._as_it_was(seen),
                line=self._sites[seen.site].line,
                alive=False,
                step=max(seen.step, 0),
            )
        )
        position = len(self.tensors) - 1
        if function is not None:
            self._by_output[function, seen.output_nr] = position
        return position


def _is_changed(seen: TensorSnapshot | None, tensor: Any) -> bool:
    """Whether a tensor with a history is not as it was when it was first seen with it."""
    node = node_of(tensor)
    if seen is None or node is None or sequence_nr(node) != seen.seq:
        return False  # not seen, or what changed it since is in its history
    first, version = seen, version_of(tensor)
    while first.previous is not None and first.previous.seq == seen.seq:
        first = first.previous
    if first.version != version:
        return True
    was, now = first.captured, capture(tensor)
    if was is None or now is None or not isinstance(was.elements, list | int | float):
        return False
    return repr(was.elements) != repr(now.elements)


def plain(value: Any) -> bool | int | float | str | None:
    """A plain value of the program, fit to travel; what is too long is cut."""
    match value:
        case bool() | None:
            return value
        case int() if -_MOST_INT <= value < _MOST_INT:
            return value
        case int():
            return f"an int of {value.bit_length():,} bits"
        case float():
            return number(value)  # type: ignore[no-any-return]
        case str():
            return clean(value, MAX_TEXT)
        case complex():
            return clean(repr(value), MAX_TEXT)
    return type_name(value)
