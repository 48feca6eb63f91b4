"""What changes tensors that are there: in-place operations, `.data`, `.grad`, optimizers."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from app.child.captured import Captured
from app.child.seen import Seen, capture, version_of
from app.child.sites import Site
from app.child.tensors import grad_of, is_a, is_tensor, undisturbed

if TYPE_CHECKING:
    from app.child.notes import Notes

MAX_CHANGED = 500  # parameters of one event


class Change(NamedTuple):
    """A tensor changed in place."""

    site: int
    stack: int
    step: int
    before: Seen
    after: Seen


class Training(NamedTuple):
    """`.grad` or the value of tensors was set: of each, what it was set to, None for none."""

    kind: str
    site: int
    step: int
    changed: list[tuple[Seen, str, Captured | None]]


Special = Callable[["Notes", int, int, "tuple[Any, ...]", Any, Any], None]


def special_of(site: Site) -> Special | None:
    """What there is to note of a site's operations beside operands and result."""
    match site.kind:
        case "attribute" if site.name in ("grad", "data"):
            return _attribute
        case "augmented" if site.through in ("grad", "data"):
            return _augmented
        case "augmented":
            return changed_in_place
        case "store" if site.name == "[]=":
            return changed_in_place
        case "store" if site.through in ("grad", "data"):
            return _stored
        case "store" if site.through == "requires_grad":
            return _requires_grad
        case "call" if site.name in ("zero_grad", "step"):
            return _optimizer
        case "call" if site.name == "requires_grad_":
            return _requires_grad
        case "call" if site.name == "detach_":
            return _detached
        case "call" if site.name.endswith("_") and not site.name.endswith("__"):
            return changed_in_place
    return None


def _attribute(
    notes: Notes, site: int, stack: int, taken: tuple[Any, ...], value: Any, result: Any
) -> None:
    """`w.grad`, `w.data`: what is done to it, is done to `w`."""
    if type(result) is Seen and taken and type(taken[0]) is Seen and result is not taken[0]:
        result.of, result.attribute = taken[0], notes.sites[site].name


def changed_in_place(
    notes: Notes, site: int, stack: int, taken: tuple[Any, ...], value: Any, result: Any
) -> None:
    """A tensor among the operands has another version now."""
    before = _self(notes.sites[site], taken)
    if before is None and type(result) is Seen and result.site == site:
        before = result.previous  # `x += y`: nobody took x before
    tensor = before.ref() if type(before) is Seen else None
    if tensor is None or before is None or version_of(tensor) == before.version:
        return
    after = notes.album.see(tensor, site, notes.step)
    if before.of is None:
        notes.changes.append(Change(site, stack, notes.step, before, after))
        return
    after.of, after.attribute = before.of, before.attribute
    owner, attribute, kind = before.of, before.attribute, notes.sites[site].name
    if owner.of is not None:  # `w.grad.data`
        owner, attribute = owner.of, owner.attribute
    if attribute == "grad":
        kind = "zero_grad" if kind == "zero_" else "assign_grad"
        notes.training.append(Training(kind, site, notes.step, [(owner, "grad", after.captured)]))
    else:
        _value_set(notes, "assign_data", site, owner, after.captured)


def _augmented(
    notes: Notes, site: int, stack: int, taken: tuple[Any, ...], value: Any, result: Any
) -> None:
    """`w.data -= g`, `w.grad *= 2`, where w is known; of `w.grad[0] *= 2` it is what it changes."""
    owner = _self(notes.sites[site], taken)
    if owner is None or owner.of is not None:
        changed_in_place(notes, site, stack, taken, value, result)
    elif notes.sites[site].through == "data":
        _value_set(notes, "assign_data", site, owner)
    elif (tensor := owner.ref()) is not None and (grad := grad_of(tensor)) is not None:
        captured = notes.album.see(grad, site, notes.step).captured
        notes.training.append(
            Training("assign_grad", site, notes.step, [(owner, "grad", captured)])
        )


def _stored(
    notes: Notes, site: int, stack: int, taken: tuple[Any, ...], value: Any, result: Any
) -> None:
    """`w.grad = None`, `w.data = v`."""
    owner = _self(notes.sites[site], taken)
    if type(owner) is not Seen:
        return
    if notes.sites[site].through == "data":
        _value_set(notes, "assign_data", site, owner)
        return
    new = taken[0] if len(taken) > 1 and type(taken[0]) is Seen else None
    kind = "zero_grad" if new is None else "assign_grad"
    captured = new.captured if new is not None else None
    notes.training.append(Training(kind, site, notes.step, [(owner, "grad", captured)]))


def _value_set(
    notes: Notes, kind: str, site: int, owner: Seen, captured: Captured | None = None
) -> None:
    tensor = owner.ref()
    if tensor is not None:  # `.data` has a version counter of its own: look again in any case
        now = notes.album.look(tensor, site, notes.step, captured)
        notes.training.append(Training(kind, site, notes.step, [(now, "value", now.captured)]))


def _requires_grad(
    notes: Notes, site: int, stack: int, taken: tuple[Any, ...], value: Any, result: Any
) -> None:
    seen = _self(notes.sites[site], taken)
    tensor = seen.ref() if type(seen) is Seen else None
    if seen is not None and tensor is not None:
        seen.requires_grad = tensor.requires_grad


def _detached(
    notes: Notes, site: int, stack: int, taken: tuple[Any, ...], value: Any, result: Any
) -> None:
    """From here on it is another tensor to autograd, though neither object nor version is."""
    if is_tensor(value):
        notes.album.look(value, site, notes.step)


def _optimizer(
    notes: Notes, site: int, stack: int, taken: tuple[Any, ...], value: Any, result: Any
) -> None:
    """`optimizer.zero_grad()`, `net.zero_grad()`, `optimizer.step()`."""
    owner = taken[0]() if taken and type(taken[0]) is weakref.ReferenceType else None
    is_step = notes.sites[site].name == "step"
    if owner is None or (is_step and not is_a(owner, torch.optim.Optimizer)):
        return
    changed: list[tuple[Seen, str, Captured | None]] = []
    for parameter in parameters_of(owner):
        before = notes.album.known(parameter)
        now = notes.album.see(parameter, site, notes.step)
        if not is_step:
            with undisturbed():
                grad = grad_of(parameter)
            changed.append((now, "grad", None if grad is None else capture(grad)))
        elif now is not before:
            changed.append((now, "value", now.captured))
        if len(changed) == MAX_CHANGED:
            break
    kind = "optimizer_step" if is_step else "zero_grad"
    notes.training.append(Training(kind, site, notes.step, changed))


def module_made(notes: Notes, site: int, module: torch.nn.Module) -> None:
    """A call gave a module: its parameters were made there."""
    for parameter in islice(parameters_of(module), MAX_CHANGED):
        notes.album.see(parameter, site, notes.step)


def parameters_of(owner: Any) -> Iterator[torch.Tensor]:
    """The parameters of a module or an optimizer, found without a method of the program's."""
    if is_a(owner, torch.optim.Optimizer):
        for group in list(owner.param_groups):
            yield from (each for each in list(group["params"]) if is_tensor(each))
        return
    pending, met = [owner], {id(owner)}
    while pending:
        attributes = object.__getattribute__(pending.pop(), "__dict__")
        yield from (
            each for each in list(attributes.get("_parameters", {}).values()) if is_tensor(each)
        )
        for module in list(attributes.get("_modules", {}).values()):
            if is_a(module, torch.nn.Module) and id(module) not in met:
                met.add(id(module))
                pending.append(module)


def _self(site: Site, taken: tuple[Any, ...]) -> Seen | None:
    """The operand before the dot or the index."""
    pushed = [given.label for given in site.operands if given.pushed]
    if "self" in pushed and len(taken) == len(pushed):
        seen = taken[pushed.index("self")]
        return seen if type(seen) is Seen else None
    return None
