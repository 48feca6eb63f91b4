"""What is noted of a program while it runs: its operations, names and steps, as tuples."""

import weakref
from contextlib import nullcontext
from types import CodeType
from typing import Any, NamedTuple

import torch

from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.torch_internals import PARAMETER, TENSOR, is_a, is_tensor, without_user_hooks
from gradfn.recorder.watch.mutations import Evaluation, Mutations, OptimizerSeen, mutation_of
from gradfn.recorder.watch.snapshots import Snapshots, TensorSnapshot, no_active_modes

MAX_TEXT = 1_000
MAX_PARTS = 64  # of a tuple or list of tensors

# By id, for a metaclass may have its own idea of equality.
_PLAIN = frozenset(map(id, (bool, int, float, str, type(None), complex)))
Plain = bool | int | float | str | complex | None


class Operation(NamedTuple):
    """An expression that was evaluated; in it the nodes `first` to before `last` were made.

    `operands` are those the site pops: a `TensorSnapshot`, a tuple of them, a plain value, or None.
    `mode` is "" where grad is enabled, else "no_grad" or "inference_mode".
    """

    site: int
    stack: int
    step: int
    first: int
    last: int
    operands: tuple[Any, ...]
    result: Any
    mode: str
    thread: int


class Place(NamedTuple):
    """How much was noted by some moment."""

    steps: int
    operations: int
    bindings: int
    changes: int
    training: int
    printed: int
    snapshots: int


class Notes:
    """The notes of one run."""

    def __init__(self, sites: list[Site], whole_elements: int) -> None:
        self.sites = sites
        self.snapshots = Snapshots(whole_elements)
        self.stacks: dict[tuple[tuple[str, int], ...], int] = {}
        self.operations: list[Operation] = []
        self.bindings: list[tuple[int, int, tuple[Any, ...]]] = []  # step, site, values
        self.steps: list[tuple[int, int, int, int]] = []  # site, stack, iteration, number
        self.mutations = Mutations(sites, self.snapshots)
        self.printed: list[tuple[int, bytes]] = []
        self.printed_bytes = 0
        self.executed = 0
        self.sampled_after: int | None = None  # steps
        self.ended_early = False
        self._is_data = [
            site.kind == "attribute" and site.name == "data" and site.pops == 1 for site in sites
        ]
        self._mutation_of = [mutation_of(site) for site in sites]
        self._places: dict[tuple[int, ...], int] = {}
        for number, site in enumerate(sites):
            # CPython gives a method that spans lines another beginning, so by its end as well.
            self._places[site.span] = self._places[site.span[2:]] = number

    @property
    def step(self) -> int:
        """The number of the step that runs."""
        return len(self.steps) - 1

    def place(self) -> Place:
        """How much is noted now."""
        return Place(
            len(self.steps),
            len(self.operations),
            len(self.bindings),
            len(self.mutations.changes),
            len(self.mutations.training),
            len(self.printed),
            len(self.snapshots.all),
        )

    def drop(self, after: Place) -> None:
        """What was noted since then was never noted; what was printed since is of the last step."""
        del self.steps[after.steps :]
        del self.operations[after.operations :]
        del self.bindings[after.bindings :]
        del self.mutations.changes[after.changes :]
        del self.mutations.training[after.training :]
        self.snapshots.drop(after.snapshots)
        self.printed[after.printed :] = [
            (self.step, text) for _, text in self.printed[after.printed :]
        ]

    def describe(self, value: Any, site: int) -> Any:
        """A value as an operand: tensors as seen, plain values as they are, else None."""
        kind = type(value)
        if kind is TENSOR or kind is PARAMETER or is_a(value, TENSOR):
            return self.snapshots.current(value, site, len(self.steps) - 1)
        if id(kind) in _PLAIN:
            return value
        if kind is tuple or kind is list or is_a(value, tuple):
            parts = value[:MAX_PARTS] if kind is tuple or kind is list else tuple(value)[:MAX_PARTS]
            return tuple(
                [
                    self.snapshots.current(part, site, len(self.steps) - 1)
                    for part in parts
                    if is_a(part, TENSOR)
                ]
            )
        if is_a(value, torch.nn.Module):
            return weakref.ref(value)
        if is_a(value, torch.optim.Optimizer):
            return OptimizerSeen(weakref.ref(value), self.step, len(self.snapshots.all))
        return None

    def operation(
        self, site: int, stack: int, first: int, last: int, taken: Any, value: Any, thread: int
    ) -> Any:
        """Note an expression's value; gives what it is as an operand."""
        if self._is_data[site] and is_tensor(value) and type(taken[0]) is TensorSnapshot:
            # It shares the elements of what stands before the dot, which are known.
            result: Any = self.snapshots.take(value, site, len(self.steps) - 1, taken[0].captured)
        else:
            result = self.describe(value, site)
        note = self._mutation_of[site]
        if note is None and type(result) is TensorSnapshot and result.previous is not None:
            # As F.relu(y, inplace=True): it gives an operand, which has another version now.
            if result.site == site and any(each is result.previous for each in taken):
                note = Mutations.changed_in_place
        if first != last or type(result) is TensorSnapshot or _any_seen(taken):
            mode = "" if torch.is_grad_enabled() else _mode()
            self.operations.append(
                (site, stack, len(self.steps) - 1, first, last, taken, result, mode, thread)  # type: ignore[arg-type]
            )
        if note is not None:
            evaluation = Evaluation(site, stack, len(self.steps) - 1, taken, value, result)
            with nullcontext() if no_active_modes() else without_user_hooks():
                note(self.mutations, evaluation)
        elif type(result) is weakref.ReferenceType and self.sites[site].kind == "call":
            if is_a(value, torch.nn.Module):
                self.mutations.module_made(site, len(self.steps) - 1, value)
        return result

    def binding(self, site: int, values: tuple[Any, ...]) -> None:
        """Note what names were bound to: as operands are, but other things as their class."""
        if values or self.sites[site].kind == "unbound":
            described = [self.describe(value, site) for value in values]
            for position, value in enumerate(values):
                if (
                    type(described[position]) is tuple
                    or (described[position] is None and value is not None)
                    or type(described[position]) in (weakref.ReferenceType, OptimizerSeen)
                ):
                    described[position] = type(value)
            self.bindings.append((len(self.steps) - 1, site, tuple(described)))

    def site_at(self, code: CodeType, instruction: int, otherwise: int) -> int:
        """The expression that an instruction of the program is part of."""
        positions = list(code.co_positions())[instruction // 2]
        line, end_line, column, end_column = positions
        if (found := self._places.get((line, column, end_line, end_column))) is not None:  # type: ignore[arg-type]
            return found
        return self._places.get((end_line, end_column), otherwise)  # type: ignore[arg-type]


def _any_seen(taken: tuple[Any, ...]) -> bool:
    return any(type(each) is TensorSnapshot or (type(each) is tuple and each) for each in taken)


def _mode() -> str:
    return "inference_mode" if torch.is_inference_mode_enabled() else "no_grad"
