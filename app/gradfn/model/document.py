"""The run document, `gradfn/run/1`: the answer of the API, field by field as in the contract.

Plain frozen dataclasses: the OpenAPI schema is made from them, and msgspec encodes them.
Numbers that JSON does not have are the strings "NaN", "Infinity" and "-Infinity".
"""

from dataclasses import dataclass, field
from typing import Literal

from gradfn.events.graph import Role
from gradfn.events.run import Frame
from gradfn.events.values import TensorValue as TensorValue
from gradfn.events.values import VariableKind
from gradfn.model.by_hand import ByHand
from gradfn.model.layout import Layout
from gradfn.model.recording import (
    BackwardPass,
    Cut,
    InPlaceChange,
    Recording,
    Span,
    StackFrame,
    Step,
    TrainingEvent,
)

ACCUMULATE_GRAD = "AccumulateGrad"  # adds the gradient of a leaf to its `.grad`
Status = Literal["finished", "raised", "stopped", "limit", "crashed", "running", "paused"]
ErrorKind = Literal["exception", "syntax", "limit", "forbidden", "crash"]
Certainty = Literal["certain", "likely", "worth a look"]
Limit = Literal["time", "memory", "output", "events", "graph"]


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the program: `text` instead of the lines `line` to `end_line`, both inclusive.

    Lines count from 1; `end_line` is `line - 1` where lines are put in and none goes.
    """

    line: int
    end_line: int
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something happened and what to do about it, in plain words.

    `line` is the line that caused it, which need not be the one where it surfaced; `tensors` and
    `functions` are what it is about. `edits` is the smallest change that cures it, where there is
    one, all to the program as it ran. `guide` is the address of the chapter about it.
    """

    id: str
    title: str
    why: str
    fix: str
    line: int | None = None
    tensors: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    guide: str | None = None


@dataclass(frozen=True, slots=True)
class Error:
    """How the program failed. `line` is the user's, in the outermost frame."""

    kind: ErrorKind
    type: str
    message: str
    line: int | None = None
    column: int | None = None
    traceback: tuple[Frame, ...] = ()
    limit: Limit | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The value of a last bare expression."""

    repr: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A module-level name of the program."""

    name: str
    kind: VariableKind
    tensor: str | None
    repr: str


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor alive at the end, the leaf of an AccumulateGrad, or one that the recorder saw.

    `version` counts in-place changes, null for inference tensors, which have none.
    `note` says why a value is not shown. `frozen`: an `nn.Parameter` that needs no gradient. One
    that is not `alive` was gone at the end, or changed in place since: its value is the one it had
    at `step`, a place in `steps`, counted from 0. `changed_since`: its elements were changed after
    its function had returned it, by something that autograd does not record, as an optimizer's
    step changes the elements of a view of a parameter.
    """

    id: str
    names: tuple[str, ...]
    role: Role
    is_leaf: bool
    requires_grad: bool
    retains_grad: bool
    grad_fn: str | None
    output_nr: int
    value: TensorValue | None
    grad: TensorValue | None
    version: int | None
    line: int | None = None
    note: str | None = None
    alive: bool = True
    step: int | None = None
    frozen: bool = False
    changed_since: bool = False


@dataclass(frozen=True, slots=True)
class NextFunction:
    """One entry of PyTorch's `next_functions`: a function and which of its inputs."""

    function: str
    input_nr: int


@dataclass(frozen=True, slots=True)
class Operand:
    """An argument of an operation: a tensor by id, or a plain value."""

    argument: str
    tensor: str | None = None
    value: float | int | bool | str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What a function keeps for backward: a tensor by id, or a plain value.

    `freed`: a backward pass has freed it since. `modified`: the tensor was changed in place since,
    so that a backward pass will fail.
    """

    name: str
    tensor: str | None = None
    value: float | int | bool | str | None = None
    freed: bool = False
    modified: bool = False


@dataclass(frozen=True, slots=True)
class Partial:
    """The local derivative with respect to one argument, in LaTeX.

    `latex` is ∂z/∂x of each element where the operation works element by element, else vᵀ·J;
    `vjp` is always vᵀ·J. `numbers` and `vjp_numbers` are the same with the numbers of this run,
    null where they are not known or too many. `jacobian` is J itself, small ones only: a row for
    each output element, a column for each of the argument's. `text` is `vjp` in plain text,
    `pytorch` PyTorch's own definition.
    """

    argument: str
    latex: str
    pytorch: str
    vjp: str = ""
    text: str = ""
    numbers: str | None = None
    vjp_numbers: str | None = None
    jacobian: TensorValue | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """An operation as mathematics in LaTeX, with its local derivatives.

    `forward` is empty for an operation that we have no formula of our own for. `numbers` is it
    with the numbers of this run, `text` in plain text, `symbols` what its letters stand for:
    LaTeX by argument. `pytorch` is the schema that PyTorch's definition is of.
    """

    forward: str
    partials: tuple[Partial, ...]
    pytorch: str = ""
    text: str = ""
    numbers: str | None = None
    symbols: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Function:
    """A `grad_fn`. What the recorder knows (op, line, inputs …) is null or empty without it.

    `span` is the expression that made it, `step` the step in which it was made. `sequence_nr` is
    PyTorch's number, in the order in which a thread makes functions; an AccumulateGrad has none.
    """

    id: str
    name: str
    next_functions: tuple[NextFunction | None, ...]
    inputs: tuple[Operand, ...] = ()
    outputs: tuple[str, ...] = ()
    saved: tuple[Saved, ...] = ()
    variable: str | None = None
    op: str | None = None
    line: int | None = None
    stack: tuple[StackFrame, ...] = ()
    module: str = ""
    span: Span | None = None
    step: int | None = None
    sequence_nr: int | None = None
    formula: Formula | None = None

    @property
    def accumulates(self) -> bool:
        """Whether it is the AccumulateGrad of a leaf."""
        return self.name == ACCUMULATE_GRAD


@dataclass(frozen=True, slots=True)
class Graph:
    """Every tensor and every function; `truncated` when a limit cut it."""

    tensors: tuple[Tensor, ...] = ()
    functions: tuple[Function, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: SVG as text, PNG as base64."""

    format: Literal["svg", "png"]
    data: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something the user should know, with its cause and its cure, as in an `Explanation`.

    `certainty` of a mistake that PyTorch does not report: `certain` where a number or an exact rule
    shows it, `likely`, or `worth a look` where it is often intended. Null for everything else.
    """

    id: str
    severity: Literal["info", "warning", "error"]
    line: int | None
    title: str
    why: str
    fix: str
    tensors: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    guide: str | None = None
    certainty: Certainty | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Which limits were reached, and what the program used above an idle child."""

    reached: tuple[Limit, ...] = ()
    cpu_ms: float | None = None
    peak_memory_mb: float | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds: waiting for a child, running in it, and both with everything around."""

    queue_ms: float = 0.0
    run_ms: float = 0.0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """The drawn graph, when `options` asked for its `picture` or `layout`.

    `error` says why there is none. `graph` names the graph in requests for another layout, as long
    as it is kept.
    """

    svg: str | None
    error: str | None
    graph: str | None = None
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file that the program left; `name` from its current folder, `size` in bytes.

    `kept`: of a live run, it can be fetched as long as the run is kept.
    """

    name: str
    size: int
    kept: bool = False


@dataclass(frozen=True, slots=True)
class RunDocument:
    """All there is to say of one run."""

    schema: Literal["gradfn/run/1"] = "gradfn/run/1"
    status: Status = "finished"
    error: Error | None = None
    stdout: str = ""
    stdout_truncated: bool = False
    stderr: str = ""
    stderr_truncated: bool = False
    result: Result | None = None
    variables: tuple[Variable, ...] = ()
    variables_truncated: bool = False
    graph: Graph = field(default_factory=Graph)
    backward: tuple[BackwardPass, ...] = ()
    by_hand: tuple[ByHand, ...] | None = None
    steps: tuple[Step, ...] | None = None
    cuts: tuple[Cut, ...] = ()
    in_place: tuple[InPlaceChange, ...] = ()
    training: tuple[TrainingEvent, ...] = ()
    recording: Recording | None = None
    figures: tuple[Figure, ...] = ()
    files: tuple[WrittenFile, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    limits: Limits = field(default_factory=Limits)
    timing: Timing = field(default_factory=Timing)
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Backprop:
    """How a run ended, and its gradients worked out by hand."""

    status: Status
    error: Error | None
    by_hand: tuple[ByHand, ...]
