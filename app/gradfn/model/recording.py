"""What the recorder adds to the run document: how the graph came about, and each backward pass.

Where something has a `step`, it is a place in the document's `steps`, from 0. The functions of a
loop's earlier iterations are gone; what they had is given to the functions in the graph that
look like them.
"""

from dataclasses import dataclass

from gradfn.events.recorded import BindingKind, PassCall, TensorAttribute, TrainingKind
from gradfn.events.recorded import CutReason as CutReason
from gradfn.events.values import TensorValue


@dataclass(frozen=True, slots=True)
class StackFrame:
    """A frame of the program that was active when a function was made."""

    function: str
    line: int


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the program: lines from 1, columns in characters from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A tensor's value before and after; null where it was none, or is too large.

    `tensor` is null when it is not in the graph; `name` is then how the program calls it.
    """

    name: str
    tensor: str | None
    before: TensorValue | None
    after: TensorValue | None


@dataclass(frozen=True, slots=True)
class PassedFunction:
    """The gradients that reached a function in a backward pass and that left it.

    `grad_inputs[k]` goes along `next_functions[k]`, before it is summed with what others send
    there. `function` is null when it is not in the graph any more and nothing looks like it.
    """

    function: str | None
    grad_outputs: tuple[TensorValue | None, ...]
    grad_inputs: tuple[TensorValue | None, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class BackwardPass:
    """One call of `backward()` or `autograd.grad()`, its functions in the order executed.

    `seed` is the gradient it began with, one a root. `accumulated` is `.grad` of each leaf, before
    and after. `alike` is the position in `backward` of the pass whose graph is the one shown, when
    this one went over another that looks the same, as in a loop. `truncated`: not all of its
    functions are listed.
    """

    line: int | None
    call: PassCall
    roots: tuple[str, ...]
    accumulated_into: tuple[str, ...]
    functions: tuple[PassedFunction, ...]
    stack: tuple[StackFrame, ...] = ()
    step: int | None = None
    root_values: tuple[TensorValue | None, ...] = ()
    seed: tuple[TensorValue | None, ...] = ()
    accumulated: tuple[Changed, ...] = ()
    alike: int | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a history ended: what came out of a tensor with one has none.

    `number` is `.item()`, `float()` and the like, `new_tensor` is `torch.tensor(t)`, `dtype` an
    integer or boolean result, `no_derivative` everything else without one, as `argmax`.
    `tensor` lost its history, or came before one that is gone; `function` is its grad_fn, `result`
    what came out, where known.
    """

    reason: CutReason
    code: str
    span: Span
    stack: tuple[StackFrame, ...]
    step: int | None
    name: str
    tensor: str | None
    function: str | None
    result: str | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class InPlaceChange:
    """A tensor changed in place. `saved_by` are the functions that had kept the old value."""

    op: str
    code: str
    span: Span
    stack: tuple[StackFrame, ...]
    step: int | None
    name: str
    tensor: str | None
    function: str | None
    version_before: int
    version: int
    saved_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingEvent:
    """What training loops do beside backward passes, with what changed.

    `began` is the step that called `optimizer.step()`: those between evaluated its closure.
    """

    kind: TrainingKind
    line: int | None
    step: int | None
    code: str
    changed: tuple[Changed, ...]
    began: int | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A name that a step bound, or unbound (`kind` "deleted").

    A tensor has its value then; numbers and texts their repr; other things only their class.
    `local`: it is a name of the function that the step is in, not of the module.
    """

    name: str
    kind: BindingKind
    repr: str
    value: TensorValue | None = None
    tensor: str | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """An output that a function had at a step; in a loop, one that looks like `function` had it."""

    function: str
    output_nr: int
    value: TensorValue | None


@dataclass(frozen=True, slots=True)
class Moment:
    """What a tensor of the graph had from a step on: its value, or its `.grad`."""

    tensor: str
    attribute: TensorAttribute
    value: TensorValue | None


@dataclass(frozen=True, slots=True)
class Step:
    """One executed line: what it bound, made, changed and printed. `depth` 0 is the module's level.

    `number` counts executed lines from 1, those not kept too. `iteration` counts the
    innermost loop around it, from 0, and is null outside any.
    """

    line: int
    number: int = 0
    depth: int = 0
    function: str = "<module>"
    iteration: int | None = None
    bound: tuple[Bound, ...] = ()
    made: tuple[Made, ...] = ()
    changed: tuple[Moment, ...] = ()
    printed: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """How much was recorded: `thinned` says in words what was left out, in the order it was."""

    operations: int = 0
    steps: int = 0
    thinned: tuple[str, ...] = ()
