"""From the class of a node to the operation it came from: PyTorch's own table, shipped with it.

`derivatives.yaml` has an entry for each operation with a derivative, and the code generator names
the nodes after them in order: the first `mul` is MulBackward0, the second MulBackward1.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_ALIAS = re.compile(r"\(a[^)]*\)")  # in `Tensor(a!) self`, `Tensor(a -> *) self`
_ARGUMENT = re.compile(r"(?P<type>[\w\[\]?()!]+) (?P<name>\w+)")


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an operation; `slots`: "one", "list" or "none" of `next_functions`."""

    name: str
    slots: str


@dataclass(frozen=True, slots=True)
class Op:
    """`aten::mul.Tensor` and its arguments, in order."""

    name: str
    overload: str
    arguments: tuple[Argument, ...]

    @property
    def full_name(self) -> str:
        """As the dispatcher names it."""
        return f"aten::{self.name}" + (f".{self.overload}" if self.overload else "")


@cache
def ops_by_node() -> dict[str, Op]:
    """The operations by the name of their node's class. Takes a quarter of a second, once."""
    text = files("torchgen").joinpath("packaged/autograd/derivatives.yaml").read_text()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    counts: Counter[str] = Counter()
    ops: dict[str, Op] = {}
    for entry in yaml.load(text, Loader=loader):
        op, arguments = entry["name"].split("(", 1)
        for key, formulas in entry.get("dispatch", {"Default": entry}).items():
            differentiable = set(_differentiable(formulas))
            known = tuple(_arguments(arguments, differentiable))
            if all(argument.slots == "none" for argument in known):
                continue
            name, _, overload = op.partition(".")
            prefix = _prefix(name) + ("" if key == "Default" else key)
            ops.setdefault(f"{prefix}{counts[prefix]}", Op(name, overload, known))
            counts[prefix] += 1
    return ops


def _differentiable(formulas: dict[str, Any]) -> Iterator[str]:
    for key, formula in formulas.items():
        if "non_differentiable" not in str(formula):
            yield from (name.strip() for name in key.split(","))


def _arguments(text: str, differentiable: set[str]) -> Iterator[Argument]:
    """The arguments in `self, Tensor other, *, Scalar alpha=1) -> Tensor`."""
    for part in _ALIAS.sub("", text).rpartition(") ->")[0].split(", "):
        if (match := _ARGUMENT.match(part)) is None:
            continue
        name, type_ = match["name"], match["type"]
        slots = "none"
        if name in differentiable and type_.startswith("Tensor"):
            slots = "list" if "[]" in type_ else "one"
        yield Argument(name, slots)


def _prefix(name: str) -> str:
    camel = "".join(part.title() for part in name.split("_"))
    return f"{camel}Backward".replace("ForwardBackward", "Backward")
