"""What the recorder reports: which line made each function, and the backward passes over them.

One record at the end, for most of it can be reported only when the graph is known. Functions and
tensors are indices into `GraphWalked` and `TensorsRead`; stacks and places are tables.

What is published of it has the same field names (`gradfn.model.recording`): `gradfn.model.publish`
reads from these types which numbers are indices, and of what.
"""

from typing import Annotated, Any, Literal

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
MAX_RECORDED_FUNCTIONS = 10_000
MAX_PARTS = 5_000

PassCall = Literal["backward", "grad"]
CutReason = Literal[
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
TrainingKind = Literal["zero_grad", "optimizer_step", "assign_grad", "assign_data"]
BindingKind = VariableKind | Literal["deleted"]
TensorAttribute = Literal["value", "grad"]

Plain = bool | int | float | Text | None
TensorIndex = Annotated[int, Meta(ge=0, le=2**31, extra={"index_of": "tensor"})]
FunctionIndex = Annotated[int, Meta(ge=0, le=2**31, extra={"index_of": "function"})]
SpanIndex = Annotated[int, Meta(ge=0, le=2**31, extra={"index_of": "span"})]  # of a place
CodeIndex = Annotated[int, Meta(ge=0, le=2**31, extra={"index_of": "code"})]  # of a place
StackIndex = Annotated[int, Meta(ge=0, le=2**31, extra={"index_of": "stack"})]
PassIndex = Annotated[int, Meta(ge=0, le=2**31, extra={"index_of": "pass"})]
StepNumber = Annotated[int, Meta(ge=0, le=2**31)]  # a place in `steps`, from 0
Value = TensorValue | None
Values = Annotated[list[Value], Meta(max_length=MAX_PARTS)]


def index_of(hint: Any) -> str | None:
    """What a number of this type is an index of; None for any other type."""
    for note in getattr(hint, "__metadata__", ()):
        if isinstance(note, Meta) and note.extra is not None:
            return str(note.extra["index_of"])
    return None


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
    tensor: TensorIndex | None
    value: Plain


class RecordedSaved(Part, frozen=True):
    """What a function keeps for backward."""

    name: Name
    tensor: TensorIndex | None
    value: Plain
    freed: bool
    modified: bool


class RecordedFunction(Part, frozen=True):
    """How a function came about; its operation stands on `line`, its expression at `span`."""

    function: FunctionIndex
    op: Name | None
    module: Name
    line: Line | None
    span: SpanIndex | None
    stack: StackIndex | None
    step: StepNumber | None
    inputs: Annotated[list[RecordedOperand], Meta(max_length=MAX_PARTS)]
    saved: Annotated[list[RecordedSaved], Meta(max_length=MAX_PARTS)]


class RecordedChange(Part, frozen=True):
    """A tensor's value or grad was set."""

    name: Name
    tensor: TensorIndex | None
    before: Value
    after: Value


class RecordedPassedFunction(Part, frozen=True):
    """The gradients that reached a function in a pass, and that left it on each edge."""

    function: FunctionIndex | None
    name: Name
    grad_outputs: Values
    grad_inputs: Values


class RecordedPass(Part, frozen=True):
    """One backward pass; `alike` is the index of the pass that the functions are taken from."""

    call: PassCall
    line: Line | None
    stack: StackIndex | None
    step: StepNumber | None
    roots: Annotated[list[TensorIndex], Meta(max_length=MAX_PARTS)]
    root_values: Values
    seed: Values
    functions: Annotated[list[RecordedPassedFunction], Meta(max_length=MAX_PARTS)]
    accumulated: Annotated[list[RecordedChange], Meta(max_length=MAX_PARTS)]
    alike: PassIndex | None
    truncated: bool


class RecordedCut(Part, frozen=True):
    """A history that ended here."""

    reason: CutReason
    span: SpanIndex
    code: CodeIndex
    stack: StackIndex | None
    step: StepNumber | None
    name: Name
    tensor: TensorIndex | None
    function: FunctionIndex | None
    result: TensorIndex | None
    times: Count


class RecordedInPlaceChange(Part, frozen=True):
    """A tensor changed in place."""

    op: Name
    span: SpanIndex
    code: CodeIndex
    stack: StackIndex | None
    step: StepNumber | None
    name: Name
    tensor: TensorIndex | None
    function: FunctionIndex | None
    version_before: Count
    version: Count
    saved_by: Annotated[list[FunctionIndex], Meta(max_length=MAX_PARTS)]


class RecordedTraining(Part, frozen=True):
    """`zero_grad`, `optimizer.step()`, or a value or grad assigned.

    `began` is the step that called an optimizer's: those between evaluated its closure.
    """

    kind: TrainingKind
    code: CodeIndex
    line: Line | None
    step: StepNumber | None
    changed: Annotated[list[RecordedChange], Meta(max_length=MAX_PARTS)]
    began: StepNumber | None = None


class RecordedBinding(Part, frozen=True):
    """A name that was bound, or unbound; `local` in a function, where it is not the module's."""

    name: Name
    kind: BindingKind
    repr: Text
    value: Value
    tensor: TensorIndex | None
    local: bool = False


class RecordedOutput(Part, frozen=True):
    """An output that a function had at a step."""

    function: FunctionIndex
    output_nr: Count
    value: Value


class RecordedMoment(Part, frozen=True):
    """What a tensor had from a step on."""

    tensor: TensorIndex
    attribute: TensorAttribute
    value: Value


class RecordedStep(Part, frozen=True):
    """One executed line and what it changed."""

    line: Line
    number: Count
    depth: Count
    function: Name
    iteration: StepNumber | None
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
    "loops",
    "looped",
    "weighed",
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
    functions: Annotated[list[RecordedFunction], Meta(max_length=MAX_RECORDED_FUNCTIONS)]
    passes: Annotated[list[RecordedPass], Meta(max_length=MAX_STEPS)]
    cuts: Annotated[list[RecordedCut], Meta(max_length=MAX_PARTS)]
    in_place: Annotated[list[RecordedInPlaceChange], Meta(max_length=MAX_PARTS)]
    training: Annotated[list[RecordedTraining], Meta(max_length=MAX_STEPS)]
    steps: Annotated[list[RecordedStep], Meta(max_length=MAX_STEPS)]
    operations: Count
    executed: Count
    thinned: Annotated[list[Text], Meta(max_length=20)]
