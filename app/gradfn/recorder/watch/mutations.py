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


class Change(NamedTuple):
    """A tensor changed in place."""

    site: int
    stack: int
    step: int
    before: TensorSnapshot
    after: TensorSnapshot


class Training(NamedTuple):
    """`.grad` or the value of tensors was set: of each, what it was set to, None for none."""

    kind: TrainingKind
    site: int
    step: int
    changed: list[tuple[TensorSnapshot, str, Captured | None]]


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
        tensor = before.ref() if type(before) is TensorSnapshot else None
        if tensor is None or before is None or version_of(tensor) == before.version:
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
            is_zero = self._sites[one.site].name == "zero_"
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
        """`w.grad = None`, `w.data = v`."""
        owner = self._owner(one)
        if owner is None:
            return
        if self._sites[one.site].through == "data":
            self._value_set(one, owner)
            return
        new = one.operands[0] if len(one.operands) > 1 else None
        if type(new) is TensorSnapshot:
            self._grad_set("assign_grad", one, owner, new.captured)
        else:
            self._grad_set("zero_grad", one, owner, None)

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

    def optimized(self, one: Evaluation) -> None:
        """`optimizer.zero_grad()`, `net.zero_grad()`, `optimizer.step()`."""
        first = one.operands[0] if one.operands else None
        owner = first() if type(first) is weakref.ReferenceType else None
        is_step = self._sites[one.site].name == "step"
        if owner is None or (is_step and not is_a(owner, torch.optim.Optimizer)):
            return
        changed: list[tuple[TensorSnapshot, str, Captured | None]] = []
        for parameter in parameters_of(owner):
            before = self._snapshots.known(parameter)
            now = self._snapshots.current(parameter, one.site, one.step)
            if not is_step:
                with without_user_hooks():
                    grad = grad_of(parameter)
                changed.append((now, "grad", None if grad is None else capture(grad)))
            elif before is None or now.version != before.version:
                changed.append((now, "value", now.captured))
            if len(changed) == MAX_CHANGED:
                break
        kind: TrainingKind = "optimizer_step" if is_step else "zero_grad"
        self.training.append(Training(kind, one.site, one.step, changed))

    def module_made(self, site: int, step: int, module: torch.nn.Module) -> None:
        """A call returned a module: its parameters were made there."""
        for parameter in islice(parameters_of(module), MAX_CHANGED):
            self._snapshots.current(parameter, site, step)

    def _grad_set(
        self, kind: TrainingKind, one: Evaluation, owner: TensorSnapshot, captured: Captured | None
    ) -> None:
        self.training.append(Training(kind, one.site, one.step, [(owner, "grad", captured)]))

    def _value_set(
        self, one: Evaluation, owner: TensorSnapshot, captured: Captured | None = None
    ) -> None:
        tensor = owner.ref()
        if tensor is not None:  # `.data` has a version counter of its own: look again in any case
            now = self._snapshots.take(tensor, one.site, one.step, captured)
            changed = [(now, "value", now.captured)]
            self.training.append(Training("assign_data", one.site, one.step, changed))

    def _owner(self, one: Evaluation) -> TensorSnapshot | None:
        """The operand before the dot or the index."""
        pushed = [given.label for given in self._sites[one.site].operands if given.pushed]
        if "self" in pushed and len(one.operands) == len(pushed):
            seen = one.operands[pushed.index("self")]
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
        case "call" if site.name in ("zero_grad", "step"):
            return Mutations.optimized
        case "call" if site.name == "requires_grad_":
            return Mutations.requires_grad_set
        case "call" if site.name == "detach_":
            return Mutations.detached
        case "call" if site.name.endswith("_") and not site.name.endswith("__"):
            return Mutations.changed_in_place
    return None


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
