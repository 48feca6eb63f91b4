"""PyTorch's own definition of every derivative, as `derivatives.yaml` in the torch package has it.

Found and read without importing torch. Nodes are named by the rule of PyTorch's code generator
(torchgen/packaged/autograd/load_derivatives.py): `mul.Tensor` is MulBackward0, the next entry of
the same name MulBackward1.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import yaml


@dataclass(frozen=True, slots=True)
class Definition:
    """One entry: the operation's schema, and the gradient of each differentiable argument."""

    schema: str
    gradients: dict[str, str]  # by argument, in the order of the schema; C++ over `grad`
    # Of each argument, in order: how many of the node's `next_functions` are its.
    edges: dict[str, Literal["one", "many", "none"]]

    @property
    def name(self) -> str:
        """The operation without its overload: `mul`."""
        return re.split(r"[.(]", self.schema, maxsplit=1)[0]

    @property
    def full_name(self) -> str:
        """As the dispatcher names it: `aten::mul.Tensor`."""
        return f"aten::{self.schema.partition('(')[0]}"

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of all its arguments."""
        return _arguments(self.schema)

    @property
    def types(self) -> dict[str, str]:
        """The schema's type of each argument: `Tensor?`, `SymInt[]`, `Scalar`."""
        return dict(_types(self.schema))

    @property
    def defaults(self) -> dict[str, Any]:
        """What an argument is that was not given."""
        return dict(_defaults(self.schema))


@cache
def definitions() -> dict[str, Definition]:
    """The definition of every node, by its name; empty when the torch package has none.

    Takes 0.2 s the first time where PyYAML has libyaml, 2 s where it has not.
    """
    if (path := _path()) is None:
        return {}
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        return dict(_named(yaml.load(file, loader)))


def _path() -> Path | None:
    spec = find_spec("torchgen")  # finds the package, imports nothing
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "packaged" / "autograd" / "derivatives.yaml"
        if path.is_file():
            return path
    return None


def _named(entries: list[dict[str, Any]]) -> Iterator[tuple[str, Definition]]:
    seen: Counter[str] = Counter()
    for entry in entries:
        schema = entry["name"]
        camel = "".join(part.title() for part in re.split(r"[.(]", schema)[0].split("_"))
        prefix = f"{camel}Backward".replace("ForwardBackward", "Backward")
        for key, formulas in entry.get("dispatch", {"Default": entry}).items():
            if gradients := _gradients(schema, formulas):
                full = prefix if key == "Default" else prefix + key
                definition = Definition(schema, gradients, _edges(schema, gradients))
                yield f"{full}{seen[full]}", definition
                yield f"{full}{seen[full]}_copy", definition  # the copying twin of a view
                seen[full] += 1


def _gradients(schema: str, formulas: dict[str, Any]) -> dict[str, str]:
    arguments = _arguments(schema)
    found = {
        argument.strip(): " ".join(formula.split())
        for names, formula in formulas.items()
        if isinstance(formula, str) and formula.strip() != "non_differentiable"
        for argument in names.split(",")
        if argument.strip() in arguments
    }
    return {argument: found[argument] for argument in arguments if argument in found}


def _edges(schema: str, gradients: dict[str, str]) -> dict[str, Literal["one", "many", "none"]]:
    return {
        name: "none"
        if name not in gradients or not kind.startswith("Tensor")
        else "many"
        if "[]" in kind
        else "one"
        for name, kind in _types(schema)
    }


@cache
def _defaults(schema: str) -> tuple[tuple[str, Any], ...]:
    found = []
    for part in _parts(schema):
        declared, has_default, text = part.partition("=")
        if has_default:
            with suppress(ValueError, SyntaxError):
                # The names of constants: `int reduction=Mean`.
                value = 1 if text == "Mean" else ast.literal_eval(text)
                found.append((declared.split()[-1], value))
    return tuple(found)


@cache
def _types(schema: str) -> tuple[tuple[str, str], ...]:
    words = [re.sub(r"\([^)]*\)", "", part).split("=")[0].split() for part in _parts(schema)]
    return tuple((each[-1], each[0]) for each in words)


@cache
def _arguments(schema: str) -> tuple[str, ...]:
    return tuple(part.split("=")[0].split()[-1] for part in _parts(schema))


def _parts(schema: str) -> list[str]:
    inside = schema[schema.index("(") + 1 : schema.rindex(") ->")]
    parts = re.split(r",\s*(?![^\[(]*[\])])", inside)
    return [part for part in parts if part.strip(" *")]
