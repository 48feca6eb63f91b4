"""Which tensors the program can reach by which names."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from app.child.text import clean

MAX_VISITED = 20_000  # objects looked at
MAX_DEPTH = 6
MAX_NAMES = 20  # of one tensor

_mro = type.__dict__["__mro__"].__get__  # a metaclass may lie about its own


@dataclass(slots=True)
class Named:
    """A tensor and the names it goes by, the nearest first."""

    tensor: torch.Tensor
    names: list[str] = field(default_factory=list)


def is_tensor(thing: object) -> bool:
    """Whether it is one, without asking the program's own `__class__`."""
    return torch.Tensor in _mro(type(thing))


def name_tensors(namespace: dict[str, Any]) -> dict[int, Named]:
    """The tensors in the namespace by id, in order of first binding.

    `w`, `net.features.weight`, `layers[0].weight`, `losses['train']`: breadth first, so the
    shortest name comes first and a cycle ends. The value holds the tensor, so the id is safe.
    """
    found: dict[int, Named] = {}
    visited: set[int] = set()
    level = [(name, thing) for name, thing in namespace.items() if not name.startswith("__")]
    for _ in range(MAX_DEPTH):
        below: list[tuple[str, Any]] = []
        for name, thing in level:
            if is_tensor(thing):
                named = found.setdefault(id(thing), Named(thing))
                if len(named.names) < MAX_NAMES:
                    named.names.append(clean(name, 200))
            elif id(thing) not in visited and len(visited) < MAX_VISITED:
                visited.add(id(thing))
                below.extend(_parts(name, thing))
        level = below
    return found


def _parts(name: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """What can be reached from `thing` in one step, with its name."""
    kinds = _mro(type(thing))
    if torch.nn.Module in kinds:
        attributes = object.__getattribute__(thing, "__dict__")
        for group in ("_parameters", "_buffers", "_modules"):
            yield from _attributes(name, attributes.get(group))
        yield from _attributes(name, attributes)
    elif list in kinds or tuple in kinds:
        iterate = list.__iter__ if list in kinds else tuple.__iter__
        for position, part in enumerate(iterate(thing)):
            yield f"{name}[{position}]", part
    elif dict in kinds:
        for key, part in list(dict.items(thing)):
            if type(key) in (str, int):
                yield f"{name}[{key!r}]", part
    elif type.__dict__["__module__"].__get__(type(thing)) == "__main__":
        yield from _attributes(name, getattr(thing, "__dict__", None))


def _attributes(name: str, attributes: object) -> Iterator[tuple[str, Any]]:
    if type(attributes) is dict:
        for key, part in list(attributes.items()):
            if type(key) is str and not (key.startswith("_") and type(part) is dict):
                yield f"{name}.{key}", part
