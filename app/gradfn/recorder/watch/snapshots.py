"""Tensors as they were when the program had them: known again by identity, never kept alive."""

import weakref
from typing import Any

import torch

from gradfn.recorder import torch_internals
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.read.values import why_unreadable
from gradfn.recorder.torch_internals import (
    PARAMETER,
    TENSOR,
    TensorBase,
    as_strided_copy,
    computes_in_python,
    dispatch_modes,
    dtype,
    function_modes,
    is_wrapped,
    node_of,
    sequence_nr,
    shape,
    without_user_hooks,
)

LISTED_ELEMENTS = 64  # up to here as Python numbers, which is quickest
SAMPLED_ELEMENTS, STRETCHES = 256, 16  # of a large tensor
SAMPLE = (STRETCHES, SAMPLED_ELEMENTS // STRETCHES)

_tolist, _numel, _detach, _clone = (
    TensorBase.tolist,
    TensorBase.numel,
    TensorBase.detach,
    TensorBase.clone,
)
_element_size = TensorBase.element_size
_is_contiguous, _contiguous, _offset = (
    TensorBase.is_contiguous,
    TensorBase.contiguous,
    TensorBase.storage_offset,
)
_pointer, _storage = TensorBase.data_ptr, TensorBase.untyped_storage


class TensorSnapshot:
    """A tensor with its value at a version: `node` and `output_nr` say what made it, if anything.

    `ref` is weak, `key` the tensor's `id()`. `site` is where it was first seen, `step` when. `of`
    is the tensor whose `.grad` or `.data` it is, `previous` the snapshot of the same tensor before.
    """

    __slots__ = (
        "attribute",
        "captured",
        "key",
        "number",
        "of",
        "output_nr",
        "previous",
        "ref",
        "requires_grad",
        "seq",
        "site",
        "step",
        "version",
    )

    def __init__(
        self,
        number: int,
        key: int,
        ref: Any,
        previous: "TensorSnapshot | None",
        version: int,
        captured: Captured | None,
        requires_grad: bool,
        seq: int,
        output_nr: int,
        site: int,
        step: int,
    ) -> None:
        self.number, self.key, self.ref, self.previous = number, key, ref, previous
        self.version = version
        self.captured, self.requires_grad = captured, requires_grad
        self.seq, self.output_nr, self.site, self.step = seq, output_nr, site, step
        self.of: TensorSnapshot | None = None if previous is None else previous.of
        self.attribute: str = "" if previous is None else previous.attribute


class Snapshots:
    """Every tensor seen, at every version that was seen."""

    def __init__(self, whole_elements: int) -> None:
        self.all: list[TensorSnapshot] = []
        self._known: dict[int, TensorSnapshot] = {}
        self._unseen = 0  # since so many nobody has looked
        self._whole = max(whole_elements, LISTED_ELEMENTS)

    def known(self, tensor: torch.Tensor) -> TensorSnapshot | None:
        """What was last seen of the tensor, whatever has happened to it since."""
        seen = self._known.get(id(tensor))
        return seen if seen is not None and seen.ref() is tensor else None

    def known_at(self, tensor: torch.Tensor, number: int) -> TensorSnapshot | None:
        """What was known of the tensor when there were so many snapshots.

        Where it had not been seen yet, what was seen of it first.
        """
        seen = self.known(tensor)
        while seen is not None and seen.number >= number and seen.previous is not None:
            seen = seen.previous
        return seen

    def forget(self, tensor: Any) -> None:
        """Keep no reference to it, not even a weak one; what was seen of it stays."""
        seen = self._known.pop(id(tensor), None)
        while seen is not None:
            seen.ref, seen = _gone, seen.previous

    def drop(self, count: int) -> None:
        """All but the first so many were never taken."""
        for seen in reversed(self.all[count:]):
            if self._known.get(seen.key) is seen:
                if seen.previous is None:
                    del self._known[seen.key]
                else:
                    self._known[seen.key] = seen.previous
        del self.all[count:]
        self.look_again()

    def look_again(self) -> None:
        """Recording has rested: `w.data -= g` changes elements and no version."""
        self._unseen = len(self.all)

    def current(self, tensor: torch.Tensor, site: int, step: int) -> TensorSnapshot:
        """The tensor as it is now: its last snapshot, or a new one if its version is another."""
        if not is_ordinary(tensor):
            with without_user_hooks():
                return self._current(tensor, site, step)
        return self._current(tensor, site, step)

    def _current(self, tensor: torch.Tensor, site: int, step: int) -> TensorSnapshot:
        seen = self._known.get(id(tensor))
        if seen is not None and seen.ref() is tensor and seen.version == version_of(tensor):
            if seen.number >= self._unseen:
                return seen
        return self._take(tensor, site, step, None)

    def take(
        self, tensor: torch.Tensor, site: int, step: int, captured: Captured | None = None
    ) -> TensorSnapshot:
        """A new snapshot of the tensor; `captured` where its elements are known already."""
        if not is_ordinary(tensor):
            with without_user_hooks():
                return self._take(tensor, site, step, captured)
        return self._take(tensor, site, step, captured)

    def _take(
        self, tensor: torch.Tensor, site: int, step: int, captured: Captured | None
    ) -> TensorSnapshot:
        before = self._known.get(id(tensor))
        if before is not None and before.ref() is not tensor:
            before = None
        requires_grad, seq, output_nr = torch_internals.requires_grad(tensor), -1, 0
        if requires_grad and (node := node_of(tensor)) is not None:
            seq, output_nr = sequence_nr(node), torch_internals.output_nr(tensor)
        seen = TensorSnapshot(
            len(self.all),
            id(tensor),
            weakref.ref(tensor),
            before,
            version_of(tensor),
            capture(tensor, self._whole) if captured is None else captured,
            requires_grad,
            seq,
            output_nr,
            site,
            step,
        )
        self.all.append(seen)
        self._known[id(tensor)] = seen
        return seen

    def identity(self, seen: TensorSnapshot) -> int:
        """A number for the tensor object itself: that of its first snapshot."""
        while seen.previous is not None:
            seen = seen.previous
        return seen.number


def _gone() -> None:
    """What a reference to a tensor gives that is gone."""


def no_active_modes() -> bool:
    """Whether no mode of the program takes part in operations."""
    return not (function_modes() or dispatch_modes())


def is_ordinary(tensor: torch.Tensor) -> bool:
    """Whether reading it runs no code of the program: no subclass, and no mode is on."""
    kind = type(tensor)
    return (kind is TENSOR or kind is PARAMETER) and no_active_modes()


def version_of(tensor: torch.Tensor) -> int:
    """Its version counter; inference tensors have none."""
    try:
        version: int = torch_internals.version(tensor)
        return version
    except RuntimeError:
        return 0


def capture(tensor: torch.Tensor, whole_elements: int = SAMPLED_ELEMENTS) -> Captured | None:
    """Its elements, copied; None when it has none that can be read. Runs no code of the program."""
    try:
        if not is_ordinary(tensor):
            with without_user_hooks():
                return _capture(tensor, whole_elements)
        # What follows is the same for the ordinary small tensor, of which there are most.
        count = _numel(tensor)
        if count <= LISTED_ELEMENTS and not is_wrapped(tensor) and (_pointer(tensor) or not count):
            return Captured(shape(tensor), dtype(tensor), _tolist(tensor), count)
        return _capture(tensor, whole_elements)
    except Exception:  # what cannot be read is not shown; the program must not notice
        return None


def _capture(tensor: torch.Tensor, whole_elements: int) -> Captured | None:
    if is_wrapped(tensor):
        return Captured(shape(tensor), dtype(tensor), None, 0)
    count = _numel(tensor)
    if computes_in_python(tensor):  # a subclass that keeps its elements in its own way
        return Captured(shape(tensor), dtype(tensor), None, count)
    if _bytes(tensor) < count * _element_size(tensor) and why_unreadable(tensor) is not None:
        return Captured(shape(tensor), dtype(tensor), None, count)
    if count <= LISTED_ELEMENTS:
        return Captured(shape(tensor), dtype(tensor), _tolist(tensor), count)
    if (
        torch_internals.functorch_level() is not None
    ):  # inside torch.func every operation belongs to its transform
        return Captured(shape(tensor), dtype(tensor), None, count)
    plain = _detach(tensor) if torch_internals.requires_grad(tensor) else tensor
    few = _clone(plain) if count <= whole_elements else _sample(plain, count)
    return Captured(shape(tensor), dtype(tensor), few, count)


def _bytes(tensor: torch.Tensor) -> int:
    """How many bytes its storage has: none when it was freed, or never there."""
    return _storage(tensor).nbytes() if _pointer(tensor) else 0


def _sample(tensor: torch.Tensor, count: int) -> torch.Tensor:
    """A copy of some of its elements: stretches evenly spaced over its memory.

    Single elements, each in a cache line of its own, would cost four times as much.
    """
    if not _is_contiguous(tensor):
        tensor = _contiguous(tensor)
    sample: torch.Tensor = as_strided_copy(tensor, SAMPLE, (count // STRETCHES, 1), _offset(tensor))
    return sample
