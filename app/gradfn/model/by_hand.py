"""Backpropagation by hand: every path from a root to a leaf, compared with autograd."""

from dataclasses import dataclass
from typing import Literal

from gradfn.events.values import TensorValue


@dataclass(frozen=True, slots=True)
class Factor:
    """One step of a path: through `function`, from its output to one of its arguments.

    `local` is the derivative of each element where the operation works element by element, else
    J where it is small: a row for each output element. `product` is vᵀ times all factors so far.
    """

    function: str
    argument: str
    latex: str
    local: TensorValue | None
    product: TensorValue


@dataclass(frozen=True, slots=True)
class Path:
    """A path, or all `count` paths that reach the leaf by the same last step, together."""

    factors: tuple[Factor, ...]
    product: TensorValue
    count: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the run and the formulas differ.

    `gradient`: for this argument the function returned another gradient than its formula.
    `received`: the gradient that reached the function is not the sum of what was sent there, as
    when a hook changed it. `value`: the result does not follow from its inputs as they were
    recorded: they were changed where autograd does not see it, for example through `.data`.
    """

    kind: Literal["gradient", "received", "value"]
    function: str
    argument: str | None
    by_hand: TensorValue
    autograd: TensorValue


@dataclass(frozen=True, slots=True)
class ByHand:
    """The gradient of a root with respect to a leaf: by hand, by autograd, by finite differences.

    `seed` is v, the gradient that it starts from. `count` is how many paths there are (2**53 - 1
    also when there are more); when they are too many to list, `paths` has them `grouped` by their
    last step. `total` is their sum, `finite_differences` the central differences in float64.
    `latex` is the chain rule as one equation. What could not be computed is null, and `note`
    says why.
    """

    root: str
    leaf: str
    seed: TensorValue
    count: int
    grouped: bool
    paths: tuple[Path, ...]
    total: TensorValue | None
    autograd: TensorValue | None
    finite_differences: TensorValue | None
    agrees: bool | None
    differences: tuple[Difference, ...] = ()
    latex: str | None = None
    note: str | None = None
