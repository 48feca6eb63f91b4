"""What records are made of: names, numbers, lines, and tensors as their elements."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, Struct

MAX_VALUES = 10_000  # the most elements of one tensor that a client may ask for

VariableKind = Literal[
    "tensor", "number", "text", "module", "optimizer", "function", "class", "other"
]

Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=20_000)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Line = Annotated[int, Meta(ge=1, le=10_000_000)]
Amount = Annotated[float, Meta(ge=0, le=1e12)]
Names = Annotated[list[Name], Meta(max_length=100)]

Finite = Annotated[float, Meta(ge=-1e300, le=1e300)]
FiniteNumber = Finite | Annotated[int, Meta(ge=-(2**53), le=2**53)]
NonFinite = Literal["NaN", "Infinity", "-Infinity"]
Real = float | int | NonFinite
Number = bool | Real
Complex = Annotated[list[Real], Meta(min_length=2, max_length=2)]


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said of a tensor too large to list.

    Taken over its finite elements; `std` is PyTorch's (n - 1), `norm` the 2-norm,
    `zeros` and `nonfinite` are counts. Null where there is nothing to take it over. Of
    a large tensor that the recorder saw in passing it is over 256 of its elements only.
    """

    min: Real | None
    max: Real | None
    mean: Real | None
    std: Real | None
    norm: Real | None
    zeros: int
    nonfinite: int


@dataclass(frozen=True, slots=True)
class TensorValue:
    """The elements of a tensor, row-major, or their summary; both null where it has none to read.

    A complex element is `[real, imaginary]`.
    """

    shape: Annotated[list[Count], Meta(max_length=64)]
    dtype: Name
    data: Annotated[list[Number | Complex], Meta(max_length=MAX_VALUES)] | None
    summary: Summary | None


class Record(
    Struct,
    frozen=True,
    array_like=True,
    forbid_unknown_fields=True,
    tag=True,
    tag_field="kind_of_record",
):
    """What all records share: frozen, compact on the wire, nothing unknown let in."""


class Part(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A part of a record that is no record itself."""
