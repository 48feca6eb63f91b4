"""What the program left: its tensors with all that autograd knows of them, its variables.

Reading changes nothing: it draws no warning (the `.grad` of a non-leaf is left alone), frees
no buffer, and runs no code of the program but the `repr` of its own objects.
"""

import gc
import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch

from app.child.names import Named, is_tensor, name_tensors
from app.child.text import clean, short_repr
from app.child.values import read_value, undisturbed
from app.child.walk import Node, Walk
from app.events.kinds import (
    MAX_TENSORS,
    Role,
    TensorRead,
    TensorsRead,
    TensorValue,
    Variable,
    VariableKind,
    VariablesBound,
)

MAX_VARIABLES = 1_000
_is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor


@dataclass(frozen=True, slots=True)
class Found:
    """The tensors to tell of, by id."""

    tensors: dict[int, Named]

    def roots(self, names: list[str] | None) -> list[Node]:
        """Their functions, in their order; with `names`, of those that go by one of them."""
        return [
            function
            for named in self.tensors.values()
            if names is None or not set(names).isdisjoint(named.names)
            if (function := grad_fn_of(named.tensor)) is not None
        ]


def find_tensors(namespace: dict[str, Any]) -> Found:
    """Every tensor alive: the named ones, then those without a name that autograd knows.

    What existed before the program is frozen out of the collector's lists (`warm.py`).
    """
    found = name_tensors(namespace)
    with undisturbed():
        for thing in gc.get_objects():
            # One that no name leads to matters if autograd knows it, as a graph's last part does.
            if is_tensor(thing) and not _is_wrapped(thing) and thing.requires_grad:
                found.setdefault(id(thing), Named(thing))
        for named in list(found.values()):
            grad = _grad_of(named.tensor)
            # Made with create_graph: the gradient has a graph of its own.
            if grad is not None and grad.grad_fn is not None:
                of = found.setdefault(id(grad), Named(grad))
                of.names.extend(clean(f"{name}.grad", 200) for name in named.names)
    return Found(found)


def reached(found: Found, walk: Walk, names: list[str] | None) -> Found:
    """What is found and the leaves that only the graph still holds.

    With `names`, only the tensors that go by one of them or hang on a walked function.
    """
    leaves = {id(leaf): leaf for leaf in map(_leaf, walk.functions) if leaf is not None}
    tensors = {
        key: named
        for key, named in found.tensors.items()
        if names is None
        or not set(names).isdisjoint(named.names)
        or key in leaves
        or grad_fn_of(named.tensor) in walk.index
    }
    for key, leaf in leaves.items():
        tensors.setdefault(key, Named(leaf))
    return Found(tensors)


def _leaf(function: Node) -> torch.Tensor | None:
    return function.variable if type(function).__name__ == "AccumulateGrad" else None


def grad_fn_of(tensor: torch.Tensor) -> Node:
    """Its `grad_fn`, None for a leaf and for what a `torch.func` transform has wrapped."""
    with undisturbed():
        return None if _is_wrapped(tensor) else tensor.grad_fn


def read_tensors(found: Found, walk: Walk, max_values: int) -> TensorsRead:
    """Every tensor found, tied to the walked functions."""
    accumulators = {
        id(leaf): position
        for position, leaf in enumerate(map(_leaf, walk.functions))
        if leaf is not None
    }
    tensors = list(found.tensors.values())
    with undisturbed():
        read = [
            _read(named, walk, accumulators.get(id(named.tensor)), max_values)
            for named in tensors[:MAX_TENSORS]
        ]
    return TensorsRead(read, truncated=len(tensors) > MAX_TENSORS)


def _read(named: Named, walk: Walk, accumulator: int | None, max_values: int) -> TensorRead:
    tensor = named.tensor
    if _is_wrapped(tensor):
        return _not_shown(named, "It belongs to a torch.func transform that has ended.")
    grad_fn = tensor.grad_fn
    value, note = _try_value(tensor, max_values)
    grad = _grad_of(tensor)
    grad_value, grad_note = _try_value(grad, max_values) if grad is not None else (None, None)
    return TensorRead(
        names=named.names,
        role=_role(tensor, grad_fn),
        is_leaf=tensor.is_leaf,
        requires_grad=tensor.requires_grad,
        retains_grad=tensor.retains_grad,
        grad_fn=walk.index.get(grad_fn) if grad_fn is not None else None,
        output_nr=tensor.output_nr,
        value=value,
        grad=grad_value,
        version=None if tensor.is_inference() else tensor._version,
        accumulator=accumulator,
        note=note or grad_note,
    )


def _not_shown(named: Named, note: str) -> TensorRead:
    return TensorRead(
        names=named.names,
        role="constant",
        is_leaf=True,
        requires_grad=False,
        retains_grad=False,
        grad_fn=None,
        output_nr=0,
        value=None,
        grad=None,
        version=None,
        accumulator=None,
        note=note,
    )


def _try_value(tensor: torch.Tensor, max_values: int) -> tuple[TensorValue | None, str | None]:
    try:
        return read_value(tensor, max_values), None
    except Exception as error:
        # One tensor that torch cannot read never costs the rest; the reader is told.
        kind = clean(type(tensor).__name__, 100)
        return None, f"The value of this {kind} cannot be read: {clean(str(error), 200)}"


def _grad_of(tensor: torch.Tensor) -> torch.Tensor | None:
    if _is_wrapped(tensor) or not (tensor.is_leaf or tensor.retains_grad):
        return None  # reading it would print a warning that the program did not cause
    return tensor.grad


def _role(tensor: torch.Tensor, grad_fn: Node) -> Role:
    if grad_fn is not None:
        return "intermediate"
    if not tensor.requires_grad:
        return "constant"
    return "parameter" if isinstance(tensor, torch.nn.Parameter) else "leaf"


def read_variables(namespace: dict[str, Any], found: Found) -> VariablesBound:
    """The module-level names the program bound, in order of first binding."""
    positions = {key: position for position, key in enumerate(found.tensors)}
    names = [name for name in namespace if not (name.startswith("__") and name.endswith("__"))]
    return VariablesBound(
        [
            Variable(
                name=clean(name, 200),
                kind=_kind(namespace[name]),
                tensor=_position(namespace[name], positions),
                repr=short_repr(namespace[name]),
            )
            for name in names[:MAX_VARIABLES]
        ]
    )


def _position(thing: object, positions: dict[int, int]) -> int | None:
    position = positions.get(id(thing)) if is_tensor(thing) else None
    return position if position is not None and position < MAX_TENSORS else None


_KINDS: Iterable[tuple[type | tuple[type, ...], VariableKind]] = (
    ((bool, int, float, complex), "number"),
    ((str, bytes), "text"),
    ((types.ModuleType, torch.nn.Module), "module"),
    (torch.optim.Optimizer, "optimizer"),
    ((types.FunctionType, types.BuiltinFunctionType, types.MethodType), "function"),
    (type, "class"),
)


def _kind(thing: object) -> VariableKind:
    if is_tensor(thing):
        return "tensor"
    kind = type(thing)
    for types_, name in _KINDS:
        if issubclass(kind, types_):
            return name
    return "other"
