"""Which tensors the program can reach by which names."""

import keyword
import types
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch

from gradfn.recorder.read.text import clean
from gradfn.recorder.torch_internals import is_a, is_tensor

MAX_VISITED = 20_000  # objects looked into
MAX_PARTS = 300_000  # objects looked at
MAX_DEPTH = 12
MAX_NAMES = 20  # of one tensor
MAX_SECOND_NAMES = 100  # of modules

_mro = vars(type)["__mro__"].__get__
_vars = vars(type)["__dict__"].__get__
_module_of = vars(type)["__module__"].__get__

_PLAIN = {id(kind) for kind in (bool, int, float, complex, str, bytes, type(None))}
_MODULE_INTERNALS = frozenset(vars(torch.nn.Module()))
_BY_POSITION = (torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ParameterList)
_BY_KEY = (torch.nn.ModuleDict, torch.nn.ParameterDict)
_SEQUENCES: tuple[Any, ...] = (list, tuple, deque)

Part = tuple[str, object]


@dataclass(slots=True)
class Named:
    """A tensor and the names it goes by, the nearest first."""

    tensor: torch.Tensor
    names: list[str] = field(default_factory=list)

    def add(self, name: str) -> None:
        """One more name, if there is room."""
        if len(self.names) < MAX_NAMES:
            self.names.append(clean(name, 200))


def module_level(namespace: dict[str, Any]) -> list[Part]:
    """What the program bound, by name, in order of first binding."""
    return [
        (str.__str__(name), thing)
        for name, thing in list(namespace.items())
        if is_a(name, str) and not (str.startswith(name, "__") and str.endswith(name, "__"))
    ]


def name_tensors(namespace: dict[str, Any]) -> dict[int, Named]:
    """The tensors in the namespace by id, in order of first binding.

    `w`, `net.features.weight`, `layers[0].weight`, `losses['train']`: what one would type to get
    the tensor. Breadth first, so the shortest name comes first and a cycle ends; a container is
    looked into once. The value holds the tensor, so the id is safe. Runs no code of the program.
    """
    found: dict[int, Named] = {}
    visited: dict[int, str] = {}  # with its first name
    second: list[tuple[str, str]] = []
    parts_left = MAX_PARTS
    level = module_level(namespace)
    for _ in range(MAX_DEPTH):
        below: list[Part] = []
        for name, thing in level:
            if is_tensor(thing):
                found.setdefault(id(thing), Named(thing)).add(name)
            if id(thing) in visited:
                if is_a(thing, torch.nn.Module) and len(second) < MAX_SECOND_NAMES:
                    second.append((visited[id(thing)], name))
            elif len(visited) < MAX_VISITED:
                visited[id(thing)] = name
                parts = list(islice(_parts(name, thing), parts_left))
                parts_left -= len(parts)
                below += parts
        level = below
    for first, other in second:
        _name_again(found, first, other)
    return found


def _name_again(found: dict[int, Named], first: str, other: str) -> None:
    """What a module has, by another name of the module: `target.weight` after `target = net`."""
    starts = (f"{first}.", f"{first}[")
    if other.startswith(starts):  # a part that refers to what it is a part of
        return
    for named in found.values():
        names = [name for name in named.names if name.startswith(starts)]
        for name in names:
            named.add(other + name.removeprefix(first))


def _parts(name: str, thing: Any) -> Iterator[Part]:
    """What can be reached from `thing` in one step, with its name."""
    for kind in _SEQUENCES:
        if is_a(thing, kind):
            for position, part in enumerate(islice(kind.__iter__(thing), MAX_PARTS)):
                if id(type(part)) not in _PLAIN:
                    yield f"{name}[{position}]", part
    if is_a(thing, dict):
        for key, part in islice(list(dict.items(thing)), MAX_PARTS):
            if id(type(part)) not in _PLAIN and _is_plain(key):
                yield f"{name}[{key!r}]", part
    if is_a(thing, torch.nn.Module):
        yield from _of_module(name, thing)
    elif is_a(thing, type):
        if _is_of_program(thing):
            yield from _attributes(name, _vars(thing))
    elif is_tensor(thing) or is_a(thing, types.SimpleNamespace) or _is_of_program(type(thing)):
        yield from _attributes(name, _instance_dict(thing))
        yield from _slots(name, thing)


def _of_module(name: str, module: Any) -> Iterator[Part]:
    attributes = _instance_dict(module)
    for group in ("_parameters", "_buffers", "_modules"):
        parts = attributes.get(group)
        for key, part in list(dict.items(parts)) if isinstance(parts, dict) else ():
            if type(key) is str:
                yield _member(name, module, key), part
    # A library's private attributes are second names at best (`lstm._flat_weights[0]`).
    private = _is_of_program(type(module))
    yield from _attributes(
        name,
        {
            key: part
            for key, part in list(attributes.items())
            if key not in _MODULE_INTERNALS and (private or not key.startswith("_"))
        },
    )


def _member(name: str, module: object, key: str) -> str:
    if key.isdecimal() and any(is_a(module, kind) for kind in _BY_POSITION):
        return f"{name}[{key}]"
    if any(is_a(module, kind) for kind in _BY_KEY):
        return f"{name}[{key!r}]"
    return _attribute(name, key)


def _attribute(name: str, key: str) -> str:
    if key.isidentifier() and not keyword.iskeyword(key):
        return f"{name}.{key}"
    return f"getattr({name}, {key!r})"


def _attributes(name: str, attributes: Any) -> Iterator[Part]:
    for key, part in list(attributes.items()):
        if type(key) is str and id(type(part)) not in _PLAIN and not key.startswith("__"):
            yield _attribute(name, key), part


def _slots(name: str, thing: object) -> Iterator[Part]:
    for kind in _mro(type(thing)):
        if not _is_of_program(kind):
            continue
        for key, slot in list(_vars(kind).items()):
            if type(slot) is types.MemberDescriptorType:
                with suppress(AttributeError):  # the slot is empty
                    yield _attribute(name, key), slot.__get__(thing)


def _instance_dict(thing: object) -> dict[str, Any]:
    """Its attributes, even if its class says it has others."""
    for kind in _mro(type(thing)):
        found = _vars(kind).get("__dict__")
        if type(found) in (types.GetSetDescriptorType, types.MemberDescriptorType):
            attributes: dict[str, Any] = found.__get__(thing)
            return attributes
    return {}


def _is_of_program(kind: type) -> bool:
    module = _module_of(kind)
    return type(module) is str and module == "__main__"


def _is_plain(key: object) -> bool:
    """Whether its repr is short work and runs no code of the program."""
    if type(key) is tuple:
        return all(id(type(part)) in _PLAIN for part in key)
    return id(type(key)) in _PLAIN
