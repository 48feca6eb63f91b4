"""What the program left: its tensors with all that autograd knows of them, its variables.

Reading changes nothing: it draws no warning, prints nothing, frees no buffer, and runs no code
of the program but the `repr` of its own objects.
"""

import io
import types
import warnings
from collections.abc import Iterable
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from gc import collect, get_objects
from typing import Any

import torch

from gradfn.events.graph import MAX_TENSORS, MAX_VARIABLES, Role, TensorRead, Variable
from gradfn.events.kinds import TensorsRead, VariablesBound
from gradfn.events.values import VariableKind
from gradfn.recorder import torch_internals
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.heap import referred_to, tensors_among
from gradfn.recorder.read.names import Named, module_level, name_tensors
from gradfn.recorder.read.tensor_repr import small_repr
from gradfn.recorder.read.text import ShortRepr, clean, type_name
from gradfn.recorder.read.values import Values, why_unreadable
from gradfn.recorder.torch_internals import (
    Node,
    grad_of,
    history_of,
    is_a,
    is_tensor,
    is_wrapped,
    without_user_hooks,
)

MAX_ACCUMULATORS = 1_000  # of one leaf, as the wire allows


@dataclass(frozen=True, slots=True)
class Found:
    """The tensors alive: by id those that a name leads to, and the others that autograd knows."""

    named: dict[int, Named]
    unnamed: list[torch.Tensor]

    def roots(self, names: list[str] | None) -> list[Node]:
        """Their functions, in their order; with `names`, of those that go by one of them."""
        roots = [named.tensor for named in self.named.values() if goes_by(named, names)]
        if names is None:
            roots += self.unnamed
        with without_user_hooks():
            return [function for root in roots if (function := history_of(root)[0]) is not None]


def goes_by(named: Named, names: list[str] | None) -> bool:
    """Whether it was asked for: by one of its names, or because everything was."""
    return names is None or not set(names).isdisjoint(named.names)


def find_tensors(namespace: dict[str, Any], others: frozenset[int] = frozenset()) -> Found:
    """Every tensor alive: the named ones, and those without a name that autograd knows.

    `others` are the ids of tensors that were there before the program; in a child there are none,
    for they are frozen out of the collector's lists (`warm.py`). What is only waiting to be
    collected is dead, whenever the collector would have come.
    """
    collect()
    named = name_tensors(namespace)
    objects = get_objects()
    tensors = tensors_among(objects)
    with without_user_hooks():
        # One that no name leads to matters if autograd knows it, as a graph's last part does.
        unnamed = [
            thing
            for thing in tensors
            if id(thing) not in named and id(thing) not in others
            if not is_wrapped(thing) and torch_internals.requires_grad(thing)
        ]
        unnamed = _held_by_the_program(unnamed, objects)
        for of in list(named.values()):
            grad = grad_of(of.tensor)
            # Made with create_graph: the gradient has a graph of its own.
            if grad is not None and history_of(grad)[0] is not None:
                named_grad = named.setdefault(id(grad), Named(grad))
                for name in of.names:
                    named_grad.add(f"{name}.grad")
    return Found(named, [each for each in unnamed if id(each) not in named])


def _held_by_the_program(unnamed: list[torch.Tensor], objects: list[Any]) -> list[torch.Tensor]:
    """Those that an object of the program refers to: a closure, a generator, a frame.

    PyTorch itself keeps others, for backward; which operation keeps what it took and which does
    not is its own business, and would show some steps of a chain as alive and others not.
    """
    if not unnamed:
        return []
    held = referred_to(unnamed, objects)
    return [each for each in unnamed if id(each) in held]


def reached(found: Found, walk: Walk, names: list[str] | None) -> Found:
    """What is found, and as named without a name the leaves that only the graph still holds.

    With `names`, only the tensors that go by one of them or hang on a walked function.
    """
    leaves = {id(leaf): leaf for _, leaf in walk.leaves}

    def hangs_on_it(tensor: torch.Tensor) -> bool:
        return history_of(tensor)[0] in walk.index

    with without_user_hooks():
        named = {
            key: each
            for key, each in found.named.items()
            if goes_by(each, names) or key in leaves or hangs_on_it(each.tensor)
        }
        for key, leaf in leaves.items():
            named.setdefault(key, Named(leaf))
        unnamed = [
            each
            for each in found.unnamed
            if id(each) not in named and (names is None or hangs_on_it(each))
        ]
    return Found(named, unnamed)


def name_the_unnamed(found: Found, namespace: dict[str, Any]) -> None:
    """Tensors that were reached without a name get those that they have in the namespace."""
    if all(each.names for each in found.named.values()):
        return
    known = name_tensors(namespace)
    for key, each in found.named.items():
        if not each.names and key in known:
            each.names.extend(known[key].names)


def read_tensors(found: Found, walk: Walk, max_values: int) -> TensorsRead:
    """Every tensor found, tied to the walked functions."""
    accumulators: dict[int, list[int]] = {}
    for position, leaf in walk.leaves:
        accumulators.setdefault(id(leaf), []).append(position)
    values = Values(max_values)
    listed = [*found.named.values(), *map(Named, found.unnamed[:MAX_TENSORS])]
    with quiet(), without_user_hooks():
        read = [
            _read(each, walk, accumulators.get(id(each.tensor), [])[:MAX_ACCUMULATORS], values)
            for each in listed[:MAX_TENSORS]
        ]
    count = len(found.named) + len(found.unnamed)
    return TensorsRead(read, truncated=count > MAX_TENSORS)


def _read(named: Named, walk: Walk, accumulators: list[int], values: Values) -> TensorRead:
    tensor = named.tensor
    grad_fn, broken = history_of(tensor)
    if is_wrapped(tensor):
        return _not_shown(named, broken)
    role: Role = "intermediate" if broken else _role(tensor, grad_fn)
    value, note = values.read(tensor)
    grad = grad_of(tensor)
    grad_value, grad_note = (None, None) if grad is None else values.read(grad)
    notes = (broken, note, grad_note and f"Its grad: {grad_note}")
    return TensorRead(
        names=named.names,
        role=role,
        is_leaf=broken is None and grad_fn is None,
        requires_grad=torch_internals.requires_grad(tensor),
        retains_grad=broken is None and torch_internals.retains_grad(tensor),
        grad_fn=walk.index.get(grad_fn) if grad_fn is not None else None,
        output_nr=torch_internals.output_nr(tensor),
        value=value,
        grad=grad_value,
        version=None if torch_internals.is_inference(tensor) else torch_internals.version(tensor),
        accumulators=accumulators,
        note=clean(" ".join(filter(None, notes)), 2_000) or None,
        frozen=role == "constant" and _is_parameter(tensor),
    )


def _not_shown(named: Named, note: str | None) -> TensorRead:
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
        accumulators=[],
        note=note,
    )


def _role(tensor: torch.Tensor, grad_fn: Node) -> Role:
    if grad_fn is not None:
        return "intermediate"
    if not torch_internals.requires_grad(tensor):
        return "constant"
    return "parameter" if _is_parameter(tensor) else "leaf"


def _is_parameter(tensor: torch.Tensor) -> bool:
    # A subclass of Tensor made a Parameter keeps its class and carries this mark.
    probed = object.__getattribute__(tensor, "__dict__").get("_is_param") is True
    return probed or bool(is_a(tensor, torch.nn.Parameter))


def read_variables(
    namespace: dict[str, Any], found: Found, *, runs_code: bool = True
) -> VariablesBound:
    """The module-level names the program bound, in order of first binding.

    Without `runs_code` no `repr` of the program's is asked for.
    """
    positions = {key: position for position, key in enumerate(found.named)}
    short = _ShortRepr() if runs_code else _OwnRepr()
    bound = module_level(namespace)
    with quiet():
        return VariablesBound(
            [
                Variable(
                    name=clean(name, 200),
                    kind=_kind(thing),
                    tensor=_position(thing, positions),
                    repr=short.repr(thing),
                )
                for name, thing in bound[:MAX_VARIABLES]
            ],
            truncated=len(bound) > MAX_VARIABLES,
        )


def _position(thing: object, positions: dict[int, int]) -> int | None:
    position = positions.get(id(thing)) if is_tensor(thing) else None
    return position if position is not None and position < MAX_TENSORS else None


class _ShortRepr(ShortRepr):
    """Where a tensor's repr is torch's own, no subclass and no mode takes part in it."""

    def repr_instance(self, x: Any, level: int) -> str:
        if type(x) is types.ModuleType:  # its own would say where this machine keeps it
            return f"<module {clean(str(vars(x).get('__name__')), 200)!r}>"
        if not is_tensor(x) or type(x).__repr__ not in _TORCH_REPRS:
            return super().repr_instance(x, level)
        with without_user_hooks():
            wrapped = is_wrapped(x)
            unreadable = None if wrapped else why_unreadable(x)
            if unreadable is None or torch_internals.is_nested(x):
                small = None if wrapped or unreadable else small_repr(x)
                return small or super().repr_instance(x, level)
            shape, dtype = tuple(torch_internals.shape(x)), torch_internals.dtype(x)
            return f"<{type_name(x)} of shape {shape}, {dtype}>"


class _OwnRepr(_ShortRepr):
    """Where a repr is not Python's or torch's own, the class is all that is shown."""

    def repr_instance(self, x: Any, level: int) -> str:
        return super().repr_instance(x, level) if id(type(x)) in _OWN else f"<{type_name(x)}>"


# By id, for a metaclass may have its own idea of equality.
_OWN = frozenset(
    map(
        id,
        (
            *(bool, float, complex, bytes, range, type(None), type, types.ModuleType),
            *(types.FunctionType, types.BuiltinFunctionType, torch.Tensor, torch.nn.Parameter),
        ),
    )
)
_TORCH_REPRS = (torch.Tensor.__repr__, torch.nn.Parameter.__repr__)

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


def quiet() -> ExitStack:
    """A context in which nothing that is printed or warned of comes out."""
    stack = ExitStack()
    stack.enter_context(warnings.catch_warnings())
    warnings.simplefilter("ignore")
    stack.enter_context(redirect_stdout(io.StringIO()))
    stack.enter_context(redirect_stderr(io.StringIO()))
    return stack
