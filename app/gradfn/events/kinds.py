"""The records that cross the door between a run and the rest of the house.

A record is a fact, named in the past tense. Those a child writes are listed in `ChildEvent`,
those only the parent adds (it sees the clock and how a child ended) in `ParentEvent`.
"""

from array import array
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs

from gradfn.events.live import ControlsFound as ControlsFound
from gradfn.events.live import Failed as Failed
from gradfn.events.live import GraphMoved as GraphMoved
from gradfn.events.live import Halted as Halted
from gradfn.events.live import Paused as Paused
from gradfn.events.live import Resumed as Resumed
from gradfn.events.live import StateSeen as StateSeen
from gradfn.events.live import ViewsFound as ViewsFound
from gradfn.events.live import Wrote as Wrote
from gradfn.events.recorded import FunctionIndex, StepNumber, TensorIndex
from gradfn.events.recorded import Recorded as Recorded
from gradfn.events.recorded import RecorderFailed as RecorderFailed
from gradfn.events.values import (
    MAX_VALUES,
    Amount,
    Count,
    Line,
    Name,
    Names,
    Part,
    Record,
    TensorValue,
    Text,
    VariableKind,
)
from gradfn.events.values import Summary as Summary

MAX_VALUES_IN_ALL = 200_000  # elements of all tensors together; the rest are summarised
MAX_TENSORS = 2_000
MAX_FUNCTIONS = 2_000_000
MAX_VARIABLES = 1_000
MAX_OUTPUTS = 1_000_000  # of one function
NO_SEQUENCE_NR = 2**31 - 1  # of an AccumulateGrad: PyTorch's own 2**64 - 1, cut to an int32
EDGES_PER_FUNCTION = 4  # on average; a graph with more is cut like one with too many functions


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a traceback that lies in the reader's program."""

    function: Name
    line: Line
    code: Text


Role = Literal["parameter", "leaf", "intermediate", "constant"]


class Live(Part, frozen=True):
    """How a live run begins. `speed` is iterations a second, null as the program has it."""

    controls: dict[Name, float | int] = msgspec.field(default_factory=dict)
    paused: bool = False
    speed: Amount | None = None


class Program(Record, frozen=True):
    """What a child is told to run. A live run is told more later (`gradfn.events.commands`)."""

    code: str
    max_values: Annotated[int, Meta(ge=0, le=MAX_VALUES)] = 256
    seed: int | None = None
    roots: Names | None = None
    steps: bool = False
    record: Literal["full", "graph"] = "full"
    max_functions: Annotated[int, Meta(ge=1, le=MAX_FUNCTIONS)] = 100_000
    max_figures: Count = 50
    wall_seconds: Amount = 3600
    cpu_seconds: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 3600
    live: Live | None = None

    def within(self, cpu_seconds: int) -> "Program":
        """The same program with another limit of CPU time."""
        return structs.replace(self, cpu_seconds=cpu_seconds)


class Warned(Record, frozen=True):
    """A warning was shown; `line` is the reader's, null when it arose elsewhere."""

    category: Name
    message: Text
    line: Line | None


class Evaluated(Record, frozen=True):
    """The program ended in a bare expression; this is the repr of its value."""

    repr: Text


class Raised(Record, frozen=True):
    """An exception left the program, or it could not be compiled (`syntax`).

    `memory` and `time`: the exception was a limit's. `line` is the reader's line in the
    outermost frame, `column` counts from 1.
    """

    kind: Literal["exception", "syntax", "memory", "time"]
    type: Name
    message: Text
    line: Line | None
    column: Count | None
    traceback: Annotated[list[Frame], Meta(max_length=100)]


class FigureDrawn(Record, frozen=True):
    """matplotlib was asked to show a figure; `line` asked."""

    format: Literal["svg", "png"]
    data: Annotated[bytes, Meta(max_length=4_000_000)]
    line: Line | None


class GraphWalked(Record, frozen=True):
    """Every function reachable from the roots, in columns: function i is `kinds[kind_of[i]]`.

    Its `next_functions` are `functions[offsets[i]:offsets[i + 1]]` (-1 for None) with
    `input_nrs` beside them. The columns are native int32 arrays, because a record per
    function costs 30 times as much at 100,000 functions.
    `sequence_nrs` are PyTorch's numbers, in the order in which a thread made the functions;
    NO_SEQUENCE_NR where it has none. The column may be empty.
    """

    kinds: Annotated[list[Name], Meta(max_length=10_000)]
    kind_of: bytes
    offsets: bytes
    functions: bytes
    input_nrs: bytes
    truncated: bool
    sequence_nrs: bytes

    def check(self, max_functions: int) -> None:
        """ValueError unless the columns fit each other; done at the door, not when made."""
        count = len(self.kind_of) // 4
        if count > max_functions or len(self.functions) // 4 > EDGES_PER_FUNCTION * max_functions:
            raise ValueError(f"a graph of more than {max_functions:,} functions")
        kind_of, offsets = column(self.kind_of), column(self.offsets)
        functions, input_nrs = column(self.functions), column(self.input_nrs)
        if len(offsets) != count + 1 or offsets[0] != 0 or offsets[-1] != len(functions):
            raise ValueError("offsets do not fit the functions")
        if any(a > b for a, b in pairwise(offsets)):
            raise ValueError("offsets are not in order")
        if len(functions) != len(input_nrs):
            raise ValueError("input_nrs do not fit the functions")
        if self.sequence_nrs and len(self.sequence_nrs) != len(self.kind_of):
            raise ValueError("sequence_nrs do not fit the functions")
        if count and not (min(kind_of) >= 0 and max(kind_of) < len(self.kinds)):
            raise ValueError("a kind is not in the table")
        if functions and not (min(functions) >= -1 and max(functions) < count):
            raise ValueError("a next function is not in the graph")
        if input_nrs and not (min(input_nrs) >= 0 and max(input_nrs) < MAX_OUTPUTS):
            raise ValueError("an input number is out of range")
        if _has_circle(offsets, functions):
            raise ValueError("the graph goes in a circle")


class TensorRead(Record, frozen=True):
    """A tensor alive at the end, or one that the recorder saw (`alive` False, as at `step`).

    `grad_fn` and `accumulators` are indices into the graph. `line` made it.
    `accumulators` are its AccumulateGrads: it gets a second one when its dtype changes, as by
    `net.double()`. `note` says why something is not shown. `frozen`: a Parameter
    that needs no gradient.
    """

    names: Names
    role: Role
    is_leaf: bool
    requires_grad: bool
    retains_grad: bool
    grad_fn: FunctionIndex | None
    output_nr: Annotated[int, Meta(ge=0, lt=MAX_OUTPUTS)]
    value: TensorValue | None
    grad: TensorValue | None
    version: Count | None
    accumulators: Annotated[list[Count], Meta(max_length=1_000)]
    note: Text | None
    line: Line | None = None
    alive: bool = True
    step: StepNumber | None = None
    frozen: bool = False


class TensorsRead(Record, frozen=True):
    """All tensors of the graph; `truncated` when there were more than may be told."""

    tensors: Annotated[list[TensorRead], Meta(max_length=MAX_TENSORS)]
    truncated: bool


class Variable(Record, frozen=True):
    """A module-level name; `tensor` is an index into `TensorsRead.tensors`."""

    name: Name
    kind: VariableKind
    tensor: TensorIndex | None
    repr: Text


class VariablesBound(Record, frozen=True):
    """The program's module-level names, in order of first binding; `truncated`: not all of them."""

    variables: Annotated[list[Variable], Meta(max_length=MAX_VARIABLES)]
    truncated: bool


class Answered(Record, frozen=True):
    """The value of expression `number`, as Python prints it, with its graph if it has one."""

    number: Count
    repr: Text | None
    error: Failed | None
    walked: GraphWalked | None
    read: TensorsRead | None


class GraphSeen(Record, frozen=True):
    """The graph of a live run as it stands, with the latest pass; `shape` counts how it looked.

    `variables` are told where the run holds: while it runs they would be old at once.
    """

    iteration: Count | None
    shape: Count
    walked: GraphWalked
    read: TensorsRead
    recorded: Recorded
    variables: VariablesBound | None

    def after(self, moved: GraphMoved) -> "GraphSeen":
        """The same graph with what moved in it, as far as its indices are in the graph."""
        tensors = list(self.read.tensors)
        for each in moved.tensors:
            if each.tensor < len(tensors):
                was = tensors[each.tensor]
                tensors[each.tensor] = structs.replace(was, value=each.value, grad=each.grad)
        passes = [
            structs.replace(
                one,
                root_values=moved.root_values,
                functions=moved.passed,
                accumulated=[
                    structs.replace(each, before=None, after=None) for each in one.accumulated
                ],
            )
            for one in self.recorded.passes
        ]
        return structs.replace(
            self,
            read=structs.replace(self.read, tensors=tensors),
            recorded=structs.replace(self.recorded, passes=passes)
            if moved.passed
            else self.recorded,
        )


class Finished(Record, frozen=True):
    """The child's last word: what the program used, above what an idle child uses."""

    cpu_ms: Amount
    peak_memory_mb: Amount


class Printed(Record, frozen=True):
    """Text on stdout or stderr; `truncated` when more was written than is kept."""

    stream: Literal["stdout", "stderr"]
    text: str
    truncated: bool


class LimitReached(Record, frozen=True):
    """A limit ended the run, or (`graph`) cut what is shown. `message` has number and unit."""

    limit: Literal["time", "memory", "output", "events", "graph"]
    message: str


class Crashed(Record, frozen=True):
    """The child went away by itself, or was killed for what it tried (`forbidden`)."""

    kind: Literal["crash", "forbidden"]
    message: str


class Timed(Record, frozen=True):
    """How long a run waited for a child and how long it then took, in milliseconds."""

    queue_ms: float
    run_ms: float


ChildEvent = (
    Warned
    | Evaluated
    | Raised
    | FigureDrawn
    | GraphWalked
    | TensorsRead
    | VariablesBound
    | Recorded
    | RecorderFailed
    | Finished
    | StateSeen
    | GraphSeen
    | GraphMoved
    | ControlsFound
    | ViewsFound
    | Paused
    | Resumed
    | Halted
    | Answered
)
ParentEvent = Printed | LimitReached | Crashed | Timed | Wrote
Event = ChildEvent | ParentEvent


def column(raw: bytes) -> "array[int]":
    """A column of a `GraphWalked` as integers; ValueError when it is torn."""
    numbers = array("i")
    numbers.frombytes(raw)
    return numbers


def _has_circle(offsets: "array[int]", functions: "array[int]") -> bool:
    """Whether some functions are never free of others that lead to them. PyTorch's always are."""
    count = len(offsets) - 1
    users = array("i", bytes(4 * count))
    for target in functions:
        if target >= 0:
            users[target] += 1
    free = [function for function in range(count) if not users[function]]
    for function in free:  # which grows meanwhile
        for target in functions[offsets[function] : offsets[function + 1]]:
            if target >= 0:
                users[target] -= 1
                if not users[target]:
                    free.append(target)
    return len(free) < count
