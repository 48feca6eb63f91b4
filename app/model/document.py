"""The run document, `gradfn/run/1`: the answer of the API, field by field as in the contract.

Plain frozen dataclasses: the OpenAPI schema is made from them, and msgspec encodes them.
Numbers that JSON does not have are the strings "NaN", "Infinity" and "-Infinity".
"""

from dataclasses import dataclass, field
from typing import Literal

from app.events.kinds import Frame, Role, VariableKind
from app.events.kinds import TensorValue as TensorValue

Status = Literal["finished", "raised", "stopped", "limit", "crashed"]
ErrorKind = Literal["exception", "syntax", "limit", "forbidden", "crash"]
Limit = Literal["time", "memory", "output", "events", "graph"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something happened and what to do about it, in the reader's words."""

    id: str
    title: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Error:
    """How the program failed. `line` is the reader's, in the outermost frame."""

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
    """A tensor alive at the end, or the leaf of an AccumulateGrad.

    `version` counts in-place changes, null for inference tensors, which have none.
    `note` says why a value is not shown.
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
    """What a function keeps for backward: a tensor by id, or a plain value."""

    name: str
    tensor: str | None = None
    value: float | int | bool | str | None = None


@dataclass(frozen=True, slots=True)
class StackFrame:
    """A frame of the reader's program that was active when a function was made."""

    function: str
    line: int


@dataclass(frozen=True, slots=True)
class Partial:
    """The local derivative with respect to one argument."""

    argument: str
    latex: str
    pytorch: str


@dataclass(frozen=True, slots=True)
class Formula:
    """An operation as mathematics, with its local derivatives."""

    forward: str
    partials: tuple[Partial, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A `grad_fn`. What the recorder knows (op, line, inputs …) is null or empty without it."""

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
    formula: Formula | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """Every tensor and every function; `truncated` when a limit cut it."""

    tensors: tuple[Tensor, ...] = ()
    functions: tuple[Function, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class PassedFunction:
    """The gradients that reached and left a function in one backward pass."""

    function: str
    grad_outputs: tuple[TensorValue | None, ...]
    grad_inputs: tuple[TensorValue | None, ...]


@dataclass(frozen=True, slots=True)
class BackwardPass:
    """One call of `backward()` or `autograd.grad()`."""

    line: int | None
    call: Literal["backward", "grad"]
    roots: tuple[str, ...]
    accumulated_into: tuple[str, ...]
    functions: tuple[PassedFunction, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """What changed at one executed line."""

    line: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure: SVG as text, PNG as base64."""

    format: Literal["svg", "png"]
    data: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something the reader should know, with its cause and its cure."""

    id: str
    severity: Literal["info", "warning", "error"]
    line: int | None
    title: str
    why: str
    fix: str
    tensors: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


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
    """The drawn graph, when `options.picture` asked for it; `error` says why there is none."""

    svg: str | None
    error: str | None


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
    graph: Graph = field(default_factory=Graph)
    backward: tuple[BackwardPass, ...] = ()
    steps: tuple[Step, ...] | None = None
    figures: tuple[Figure, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    limits: Limits = field(default_factory=Limits)
    timing: Timing = field(default_factory=Timing)
    picture: Picture | None = None
