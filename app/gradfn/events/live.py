"""The events of a live run while it runs: its training, views, controls, and its graph.

Columns are native float64 or int32 arrays as bytes, as those of a graph: a record for each point
would cost thirty times as much.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, structs

from gradfn.events.graph import GraphWalked, TensorsRead, VariablesBound
from gradfn.events.recorded import Recorded, RecordedPassedFunction, TensorIndex
from gradfn.events.values import (
    Count,
    Finite,
    FiniteNumber,
    Line,
    Name,
    Part,
    Real,
    Record,
    TensorValue,
    Text,
)

MAX_PARAMETERS = 64
MAX_CONTROLS = 64
MAX_VIEWS = 8
MAX_POINTS = 5_000
MAX_CELLS = 10_000  # of a field
MAX_CURVE = 100_000  # points of the loss in one record
MAX_SEEN_FUNCTIONS = 500  # of a graph that is shown while the program runs
MAX_MOVED = 200
MAX_MOVED_ELEMENTS = 5_000  # of all values in one record, which every watcher is sent

Points = Annotated[bytes, Meta(max_length=8 * MAX_POINTS)]
Scalars = Annotated[dict[Name, Real], Meta(max_length=MAX_CONTROLS)]


class ParameterRead(Part, frozen=True):
    """A leaf that received a gradient, as it was when the backward pass had ended."""

    name: Name
    value: TensorValue | None
    grad: TensorValue | None


class ViewRead(Part, frozen=True):
    """View number `view` now: a line or a path (`x`, `y`), or a field, a byte a cell.

    `low` and `high` are the values of the bytes 0 and 255.
    """

    view: Count
    x: Points = b""
    y: Points = b""
    cells: Annotated[bytes, Meta(max_length=MAX_CELLS)] = b""
    low: Real = 0.0
    high: Real = 1.0


class TrainingRead(Record, frozen=True):
    """The latest backward pass, and the loss of every pass since the last such record.

    `iteration` counts passes from 0. `values` are the roots' values, float64 (NaN for one that is
    no scalar), `lines` the calling lines, int32, 0 if unknown; the last one is that of `iteration`.
    """

    iteration: Count
    line: Line | None
    root: Name
    value: Real | None
    parameters: Annotated[list[ParameterRead], Meta(max_length=MAX_PARAMETERS)]
    scalars: Scalars
    views: Annotated[list[ViewRead], Meta(max_length=MAX_VIEWS)]
    values: Annotated[bytes, Meta(max_length=8 * MAX_CURVE)]
    lines: Annotated[bytes, Meta(max_length=4 * MAX_CURVE)]

    def check(self) -> None:
        """ValueError unless the columns fit each other; done when it is decoded, not when made."""
        if len(self.values) % 8 or len(self.values) != 2 * len(self.lines):
            raise ValueError("the columns of a curve do not fit each other")
        if len(self.values) // 8 > self.iteration + 1:
            raise ValueError("more points than iterations")


@dataclass(frozen=True, slots=True)
class Curve:
    """The value of the root at each pass: those from number `first` on, with their lines."""

    first: int
    values: list[Real]
    lines: list[int]


class TensorMoved(Part, frozen=True):
    """What a tensor of the graph holds now; `tensor` is its index there."""

    tensor: TensorIndex
    value: TensorValue | None
    grad: TensorValue | None


class GraphMoved(Record, frozen=True):
    """What is in the graph of the latest `GraphRead`, whose `shape` it has, after a later pass.

    `root_values` and `passed` are of that pass, empty where it was not noted.
    """

    iteration: Count
    shape: Count
    tensors: Annotated[list[TensorMoved], Meta(max_length=MAX_MOVED)]
    root_values: Annotated[list[TensorValue | None], Meta(max_length=MAX_PARAMETERS)]
    passed: Annotated[list[RecordedPassedFunction], Meta(max_length=MAX_SEEN_FUNCTIONS)]

    def check(self) -> None:
        """ValueError when there are more numbers than fit an event of a stream."""
        values = [*self.root_values]
        for tensor in self.tensors:
            values += (tensor.value, tensor.grad)
        for each in self.passed:
            values += (*each.grad_outputs, *each.grad_inputs)
        if sum(len(value.data or ()) for value in values if value) > MAX_MOVED_ELEMENTS:
            raise ValueError("more elements than one event may have")


@dataclass(frozen=True, slots=True)
class Control:
    """A number that can be set. `applies`: a new value counts from the next line, or a new run."""

    name: Name
    kind: Literal["int", "float"]
    value: FiniteNumber
    line: Line | None
    low: FiniteNumber | None
    high: FiniteNumber | None
    scale: Literal["linear", "log"]
    applies: Literal["now", "restart"]


class ControlsFound(Record, frozen=True):
    """All controls of the program, as they are now; `speed` is iterations a second, null: free."""

    controls: Annotated[list[Control], Meta(max_length=MAX_CONTROLS)]
    speed: Finite | None


class ViewFound(Part, frozen=True):
    """What a view shows, and where: `extent` is left, right, bottom, top.

    `labels` are classes, int32. A field has `columns` cells in a row, the lowest row first.
    `cells` are those of a surface, which stands still: logarithms of the loss from `low` to `high`.
    """

    kind: Literal["fit", "classes", "surface"]
    title: Name
    across: Name
    up: Name
    extent: tuple[Finite, Finite, Finite, Finite]
    x: Points = b""
    y: Points = b""
    labels: Annotated[bytes, Meta(max_length=4 * MAX_POINTS)] = b""
    columns: Count = 0
    cells: Annotated[bytes, Meta(max_length=MAX_CELLS)] = b""
    low: Finite = 0.0
    high: Finite = 1.0


class ViewsFound(Record, frozen=True):
    """All views of the program, and the points in them."""

    views: Annotated[list[ViewFound], Meta(max_length=MAX_VIEWS)]


class Paused(Record, frozen=True):
    """The run is paused before this line and waits for commands; `iteration` as in TrainingRead.

    `asks`: the program reads its input in this line, and waits for one line of it.
    """

    line: Line | None
    iteration: Count | None
    asks: bool


class Resumed(Record, frozen=True):
    """The run continues."""


class Halted(Record, frozen=True):
    """The run was stopped by a command, before this line."""

    line: Line | None


class Failed(Part, frozen=True):
    """An exception that an expression ended in."""

    type: Name
    message: Text


class Answered(Record, frozen=True):
    """The value of expression `number`, as Python prints it, with its graph if it has one."""

    number: Count
    repr: Text | None
    error: Failed | None
    walked: GraphWalked | None
    read: TensorsRead | None


class GraphRead(Record, frozen=True):
    """The graph of a live run as it stands, with the latest pass; `shape` counts how it looked.

    `variables` are sent when the run is paused: while it runs they would be old at once.
    """

    iteration: Count | None
    shape: Count
    walked: GraphWalked
    read: TensorsRead
    recorded: Recorded
    variables: VariablesBound | None

    def after(self, moved: GraphMoved) -> "GraphRead":
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
