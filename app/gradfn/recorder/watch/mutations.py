"""What changes tensors that are there: in-place operations, `.data`, `.grad`, optimizers."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

import torch

from gradfn.events.recorded import TrainingKind
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.torch_internals import grad_of, is_a, is_tensor, without_user_hooks
from gradfn.recorder.watch.snapshots import Snapshots, TensorSnapshot, capture, version_of

MAX_CHANGED = 500  # parameters of one event
_SETTERS = ("setattr", "delattr")


class Change(NamedTuple):
    """A tensor changed in place."""

    site: int
    stack: int
    step: int
    before: TensorSnapshot
    after: TensorSnapshot


class Assigned(NamedTuple):
    """`.grad` or the value of a tensor was set, None for none; `before` is known of values."""

    seen: TensorSnapshot
    attribute: str
    captured: Captured | None
    before: TensorSnapshot | None = None


class Training(NamedTuple):
    """`.grad` or the value of tensors was set.

    An optimizer's step may evaluate a closure: its steps are those after `began`.
    """

    kind: TrainingKind
    site: int
    step: int
    changed: list[Assigned]
    began: int | None = None


class OptimizerSeen(NamedTuple):
    """An optimizer as an operand; `snapshots` is how many there were: its step may take more."""

    ref: weakref.ref[torch.optim.Optimizer]
    step: int
    snapshots: int


class Evaluation(NamedTuple):
    """An expression was evaluated: its operands and its `value`; `result` describes the value."""

    site: int
    stack: int
    step: int
    operands: tuple[Any, ...]
    value: Any
    result: Any


class Mutations:
    """The changes of one run, in order."""

    def __init__(self, sites: list[Site], snapshots: Snapshots) -> None:
        self._sites, self._snapshots = sites, snapshots
        self.changes: list[Change] = []
        self.training: list[Training] = []

    def changed_in_place(self, one: Evaluation) -> None:
        """A tensor among the operands has another version now."""
        before = self._owner(one)
        if before is None and type(one.result) is TensorSnapshot and one.result.site == one.site:
            before = one.result.previous  # `x += y`: nobody took x before
        if before is not None:
            self._changed(one, before)

    def changed_lists(self, one: Evaluation) -> None:
        """`torch._foreach_zero_([w.grad, b.grad])`."""
        for given in one.operands:
            for each in given if type(given) is tuple else (given,):
                if type(each) is TensorSnapshot:
                    self._changed(one, each)

    def _changed(self, one: Evaluation, before: TensorSnapshot) -> None:
        tensor = before.ref()
        if tensor is None or version_of(tensor) == before.version:
            return
        after = self._snapshots.current(tensor, one.site, one.step)
        if before.of is None:
            self.changes.append(Change(one.site, one.stack, one.step, before, after))
            return
        after.of, after.attribute = before.of, before.attribute
        owner, attribute = before.of, before.attribute
        if owner.of is not None:  # `w.grad.data`
            owner, attribute = owner.of, owner.attribute
        if attribute == "grad":
            is_zero = self._sites[one.site].name in ("zero_", "_foreach_zero_")
            self._grad_set("zero_grad" if is_zero else "assign_grad", one, owner, after.captured)
        else:
            self._value_set(one, owner, after.captured)

    def read_attribute(self, one: Evaluation) -> None:
        """`w.grad`, `w.data`: what is done to it, is done to `w`."""
        owner = one.operands[0] if one.operands else None
        if type(one.result) is TensorSnapshot and type(owner) is TensorSnapshot:
            if one.result is not owner:
                one.result.of, one.result.attribute = owner, self._sites[one.site].name

    def augmented_attribute(self, one: Evaluation) -> None:
        """`w.data -= g`, `w.grad *= 2`, where w is known; of `w.grad[0] *= 2` what it changes."""
        owner = self._owner(one)
        if owner is None or owner.of is not None:
            self.changed_in_place(one)
        elif self._sites[one.site].through == "data":
            self._value_set(one, owner)
        elif (tensor := owner.ref()) is not None and (grad := grad_of(tensor)) is not None:
            captured = self._snapshots.current(grad, one.site, one.step).captured
            self._grad_set("assign_grad", one, owner, captured)

    def stored_attribute(self, one: Evaluation) -> None:
        """`w.grad = None`, `w.data = v`, `del w.grad`, `setattr(w, "grad", g)`."""
        owner = self._owner(one)
        tensor = owner.ref() if owner is not None else None
        if owner is None or tensor is None:
            return
        if _attribute_stored(self._sites[one.site]) == "data":
            self._value_set(one, owner)
        elif (grad := grad_of(tensor)) is None:
            self._grad_set("zero_grad", one, owner, None)
        else:
            captured = self._snapshots.current(grad, one.site, one.step).captured
            self._grad_set("assign_grad", one, owner, captured)

    def requires_grad_set(self, one: Evaluation) -> None:
        """`w.requires_grad = True`, `w.requires_grad_()`."""
        seen = self._owner(one)
        tensor = seen.ref() if seen is not None else None
        if seen is not None and tensor is not None:
            seen.requires_grad = tensor.requires_grad

    def detached(self, one: Evaluation) -> None:
        """From here on it is another tensor to autograd, though neither object nor version is."""
        if is_tensor(one.value):
            self._snapshots.take(one.value, one.site, one.step)

    def cleared(self, one: Evaluation) -> None:
        """`optimizer.zero_grad()`, `net.zero_grad()`."""
        first = one.operands[0] if one.operands else None
        owner = first.ref if type(first) is OptimizerSeen else first
        owner = owner() if type(owner) is weakref.ReferenceType else None
        changed = []
        for parameter in islice(parameters_of(owner), MAX_CHANGED) if owner is not None else ():
            now = self._snapshots.current(parameter, one.site, one.step)
            with without_user_hooks():
                grad = grad_of(parameter)
            changed.append(Assigned(now, "grad", None if grad is None else capture(grad)))
        if owner is not None:
            self.training.append(Training("zero_grad", one.site, one.step, changed))

    def stepped(self, one: Evaluation) -> None:
        """`optimizer.step()`, `optimizer.step(closure)`, `scaler.step(optimizer)`."""
        seen = next((each for each in one.operands if type(each) is OptimizerSeen), None)
        owner = seen.ref() if seen is not None else None
        if seen is None or owner is None:
            return
        changed = []
        for parameter in parameters_of(owner):
            before = self._snapshots.known_at(parameter, seen.snapshots)
            now = self._snapshots.current(parameter, one.site, one.step)
            if before is None or now.version != before.version:
                changed.append(Assigned(now, "value", now.captured, before))
            if len(changed) == MAX_CHANGED:
                break
        self.training.append(Training("optimizer_step", one.site, one.step, changed, seen.step))

    def module_made(self, site: int, step: int, module: torch.nn.Module) -> None:
        """A call returned a module: its parameters were made there."""
        for parameter in islice(parameters_of(module), MAX_CHANGED):
            self._snapshots.current(parameter, site, step)

    def _grad_set(
        self, kind: TrainingKind, one: Evaluation, owner: TensorSnapshot, captured: Captured | None
    ) -> None:
        changed = [Assigned(owner, "grad", captured)]
        self.training.append(Training(kind, one.site, one.step, changed))

    def _value_set(
        self, one: Evaluation, owner: TensorSnapshot, captured: Captured | None = None
    ) -> None:
        tensor = owner.ref()
        if tensor is not None:  # `.data` has a version counter of its own: look again in any case
            now = self._snapshots.take(tensor, one.site, one.step, captured)
            changed = [Assigned(now, "value", now.captured, now.previous)]
            self.training.append(Training("assign_data", one.site, one.step, changed))

    def _owner(self, one: Evaluation) -> TensorSnapshot | None:
        """The operand before the dot or the index, or the first of `setattr`."""
        site = self._sites[one.site]
        pushed = [given.label for given in site.operands if given.pushed]
        label = "0" if site.name in _SETTERS else "self"
        if label in pushed and len(one.operands) == len(pushed):
            seen = one.operands[pushed.index(label)]
            return seen if type(seen) is TensorSnapshot else None
        return None


Note = Callable[[Mutations, Evaluation], None]


def mutation_of(site: Site) -> Note | None:
    """What there is to note of a site's operations beside operands and result."""
    match site.kind:
        case "attribute" if site.name in ("grad", "data"):
            return Mutations.read_attribute
        case "augmented" if site.through in ("grad", "data"):
            return Mutations.augmented_attribute
        case "augmented":
            return Mutations.changed_in_place
        case "store" if site.name == "[]=":
            return Mutations.changed_in_place
        case "store" if site.through in ("grad", "data"):
            return Mutations.stored_attribute
        case "store" if site.through == "requires_grad":
            return Mutations.requires_grad_set
        case "call" if site.name in _SETTERS and _attribute_stored(site) in ("grad", "data"):
            return Mutations.stored_attribute
        case "call" if site.name == "zero_grad":
            return Mutations.cleared
        case "call" if site.name == "step":
            return Mutations.stepped
        case "call" if site.name.startswith("_foreach_"):
            return Mutations.changed_lists
        case "call" if site.name == "requires_grad_":
            return Mutations.requires_grad_set
        case "call" if site.name == "detach_":
            return Mutations.detached
        case "call" if site.name.endswith("_") and not site.name.endswith("__"):
            return Mutations.changed_in_place
    return None


def _attribute_stored(site: Site) -> str:
    """The last attribute that a store goes through; of `setattr` the one that it names."""
    if site.name not in _SETTERS:
        return site.through
    named = next((given.literal for given in site.operands if given.label == "1"), None)
    return named if isinstance(named, str) else ""


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
