"""What the recorder tells: which line made each function, and what ran back over them.

One record at the end, for most of it can only be told when the graph is known. Functions and
tensors are indices into `GraphWalked` and `TensorsRead`; stacks, places and codes are tables.
"""

from typing import Annotated, Literal

from msgspec import Meta

from gradfn.events.values import (
    Count,
    Line,
    Name,
    Part,
    Record,
    TensorValue,
    Text,
    VariableKind,
)

MAX_STEPS = 40_000
MAX_FUNCTIONS_TOLD = 10_000
MAX_PARTS = 5_000

Plain = bool | int | float | Text | None
Index = Annotated[int, Meta(ge=0, le=2**31)]
Value = TensorValue | None
Values = Annotated[list[Value], Meta(max_length=MAX_PARTS)]


class RecordedPlace(Part, frozen=True):
    """A piece of the program: lines from 1, columns in characters from 0, the end exclusive."""

    line: Line
    column: Count
    end_line: Line
    end_column: Count
    code: Name


class RecordedFrame(Part, frozen=True):
    """A frame of the program and the line it was at."""

    function: Name
    line: Line


class RecordedOperand(Part, frozen=True):
    """An argument of an operation: a tensor, or a plain value."""

    argument: Name
    tensor: Index | None
    value: Plain


class RecordedSaved(Part, frozen=True):
    """What a function keeps for backward."""

    name: Name
    tensor: Index | None
    value: Plain
    freed: bool
    modified: bool


class RecordedFunction(Part, frozen=True):
    """How a function came about; `line` is where its operation stands, `place` the expression."""

    function: Index
    op: Name | None
    module: Name
    line: Line | None
    place: Index | None
    stack: Index | None
    step: Index | None
    inputs: Annotated[list[RecordedOperand], Meta(max_length=MAX_PARTS)]
    saved: Annotated[list[RecordedSaved], Meta(max_length=MAX_PARTS)]


class RecordedChange(Part, frozen=True):
    """A tensor's value or grad was set."""

    name: Name
    tensor: Index | None
    before: Value
    after: Value


class RecordedPassedFunction(Part, frozen=True):
    """The gradients that reached a function in a pass, and that left it on each edge."""

    function: Index | None
    name: Name
    grad_outputs: Values
    grad_inputs: Values


class RecordedPass(Part, frozen=True):
    """One backward pass; `alike` is the index of the pass that the functions are taken from."""

    call: Literal["backward", "grad"]
    line: Line | None
    stack: Index | None
    step: Index | None
    roots: Annotated[list[Index], Meta(max_length=MAX_PARTS)]
    root_values: Values
    seed: Values
    functions: Annotated[list[RecordedPassedFunction], Meta(max_length=MAX_PARTS)]
    accumulated: Annotated[list[RecordedChange], Meta(max_length=MAX_PARTS)]
    alike: Index | None
    truncated: bool


class RecordedCut(Part, frozen=True):
    """A history that ended here."""

    reason: Literal[
        "detach",
        "data",
        "no_grad",
        "inference_mode",
        "number",
        "numpy",
        "new_tensor",
        "dtype",
        "no_derivative",
    ]
    place: Index
    stack: Index | None
    step: Index | None
    name: Name
    tensor: Index | None
    function: Index | None
    result: Index | None
    times: Count


class RecordedInPlaceChange(Part, frozen=True):
    """A tensor changed in place."""

    op: Name
    place: Index
    stack: Index | None
    step: Index | None
    name: Name
    tensor: Index | None
    function: Index | None
    version_before: Count
    version: Count
    saved_by: Annotated[list[Index], Meta(max_length=MAX_PARTS)]


class RecordedTraining(Part, frozen=True):
    """`zero_grad`, `optimizer.step()`, or a value or grad assigned."""

    kind: Literal["zero_grad", "optimizer_step", "assign_grad", "assign_data"]
    place: Index
    line: Line | None
    step: Index | None
    changed: Annotated[list[RecordedChange], Meta(max_length=MAX_PARTS)]


class RecordedBinding(Part, frozen=True):
    """A name that was bound, or unbound; `local` in a function, where it is not the module's."""

    name: Name
    kind: VariableKind | Literal["deleted"]
    repr: Text
    value: Value
    tensor: Index | None
    local: bool = False


class RecordedOutput(Part, frozen=True):
    """An output that a function had at a step."""

    function: Index
    output_nr: Count
    value: Value


class RecordedMoment(Part, frozen=True):
    """What a tensor had from a step on."""

    tensor: Index
    attribute: Literal["value", "grad"]
    value: Value


class RecordedStep(Part, frozen=True):
    """One executed line and what it changed."""

    line: Line
    number: Count
    depth: Count
    function: Name
    iteration: Index | None
    bound: Annotated[list[RecordedBinding], Meta(max_length=MAX_PARTS)]
    made: Annotated[list[RecordedOutput], Meta(max_length=MAX_PARTS)]
    changed: Annotated[list[RecordedMoment], Meta(max_length=MAX_PARTS)]
    printed: Text


FailurePlace = Literal[
    "at",
    "took",
    "made",
    "bound",
    "flush",
    "entered",
    "resumed",
    "looped",
    "module_result",
    "pass_begins",
    "report",
    "live_state",
    "live_graph",
]


class RecorderFailed(Record, frozen=True):
    """How often the recorder itself raised an exception, by place; the program noticed nothing."""

    counts: dict[FailurePlace, Count]


class Recorded(Record, frozen=True):
    """All that was recorded; `thinned` says in words what was left out."""

    places: Annotated[list[RecordedPlace], Meta(max_length=100_000)]
    stacks: Annotated[
        list[Annotated[list[RecordedFrame], Meta(max_length=1_000)]], Meta(max_length=100_000)
    ]
    functions: Annotated[list[RecordedFunction], Meta(max_length=MAX_FUNCTIONS_TOLD)]
    passes: Annotated[list[RecordedPass], Meta(max_length=MAX_STEPS)]
    cuts: Annotated[list[RecordedCut], Meta(max_length=MAX_PARTS)]
    in_place: Annotated[list[RecordedInPlaceChange], Meta(max_length=MAX_PARTS)]
    training: Annotated[list[RecordedTraining], Meta(max_length=MAX_STEPS)]
    steps: Annotated[list[RecordedStep], Meta(max_length=MAX_STEPS)]
    operations: Count
    executed: Count
    thinned: Annotated[list[Text], Meta(max_length=20)]
