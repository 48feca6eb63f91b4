"""The graph of a program, its tensors and its variables."""

from array import array
from itertools import pairwise
from typing import Annotated, Literal

from msgspec import Meta

from gradfn.events.recorded import FunctionIndex, StepNumber, TensorIndex
from gradfn.events.values import Count, Line, Name, Names, Record, TensorValue, Text, VariableKind

MAX_VALUES_IN_ALL = 200_000  # elements of all tensors together; the rest are summarised
MAX_TENSORS = 2_000
MAX_FUNCTIONS = 2_000_000
MAX_VARIABLES = 1_000
MAX_OUTPUTS = 1_000_000  # of one function
NO_SEQUENCE_NR = 2**31 - 1  # of an AccumulateGrad: PyTorch's own 2**64 - 1, cut to an int32
EDGES_PER_FUNCTION = 4  # on average; a graph with more is cut like one with too many functions
Role = Literal["parameter", "leaf", "intermediate", "constant"]


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
        """ValueError unless the columns fit each other; done when it is decoded, not when made."""
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
    """A tensor alive at the end, or one that the recorder saw: its value is that at `step`.

    `grad_fn` and `accumulators` are indices into the graph. `line` made it.
    `accumulators` are its AccumulateGrads: it gets a second one when its dtype changes, as by
    `net.double()`. `note` says why something is not shown. `frozen`: a Parameter
    that needs no gradient. `changed_since`: its elements were changed after its function had
    returned it, by something that autograd does not record.
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
    changed_since: bool = False


class TensorsRead(Record, frozen=True):
    """All tensors of the graph; `truncated` when there were more than may be sent."""

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
