"""How each function of the graph came about: its line, its operation, what went into it."""

import contextlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from gradfn.events.recorded import MAX_RECORDED_FUNCTIONS, RecordedOperand, RecordedSaved
from gradfn.pytorch.derivatives import Definition, definitions
from gradfn.recorder.instrument.sites import Given, Site
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.text import clean
from gradfn.recorder.recorder import Recorder
from gradfn.recorder.report.tensor_table import TensorTable, plain
from gradfn.recorder.torch_internals import (
    ACCUMULATE_GRAD,
    FORWARD_CLASS,
    SAVED,
    Node,
    is_tensor,
    node_of,
    output_nr,
    sequence_nr,
)
from gradfn.recorder.watch.backward import Pass
from gradfn.recorder.watch.mutations import Training
from gradfn.recorder.watch.probes import THREAD
from gradfn.recorder.watch.saved import NOWHERE, is_custom, saved_by, snapshots_of_saved
from gradfn.recorder.watch.snapshots import Snapshots, TensorSnapshot

MAX_INPUTS, MAX_SAVED = 200, 50
_FREED, _MODIFIED = "after they have already been freed", "modified by an inplace operation"


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a function: the site and stack it was made at, the note of the operation."""

    site: int
    stack: int
    note: tuple[Any, ...] | None


class Origins:
    """Finds the origin of every walked function by PyTorch's numbering of nodes."""

    def __init__(self, recorder: Recorder, walk: Walk) -> None:
        probes = recorder.probes
        assert probes is not None
        self._recorder, self._walk = recorder, walk
        self._logs = probes.logs
        self.functions = walk.functions[:MAX_RECORDED_FUNCTIONS]
        self.threaded = len(self._logs) > 1
        self.seqs = [sequence_nr(function) for function in self.functions]
        self._making = [each for each in recorder.notes.operations if each[3] != each[4]]
        self._first: dict[int, list[int]] = {}
        self._of_thread: dict[int, list[tuple[Any, ...]]] = {}
        for each in self._making:
            self._first.setdefault(each[8], []).append(each[3])
            self._of_thread.setdefault(each[8], []).append(each)

    def thread_of(self, position: int) -> int:
        """The number of the thread that made a function."""
        if not self.threaded:
            return 0
        return int(self.functions[position].metadata.get(THREAD, 0))

    def of(self, position: int) -> Origin | None:
        """The origin of a function, None where it is not known."""
        if type(self.functions[position]) is ACCUMULATE_GRAD:
            return None
        thread, seq = self.thread_of(position), self.seqs[position]
        ends, sites, stacks = self._logs[thread]
        entry = bisect_right(ends, seq)
        if entry == len(ends) or self._recorder.probes.renumbered:  # type: ignore[union-attr]
            return None
        return Origin(sites[entry], stacks[entry], self._note_of(thread, seq))

    def _note_of(self, thread: int, seq: int) -> tuple[Any, ...] | None:
        firsts = self._first.get(thread, [])
        entry = bisect_right(firsts, seq) - 1
        if entry < 0:
            return None
        note = self._of_thread[thread][entry]
        return note if note[3] <= seq < note[4] else None


class Closures:
    """The steps of optimizers that evaluated a closure, with the leaves as its last pass met them.

    A function that was made inside used the leaf so; the step has changed it since.
    """

    def __init__(self, training: list[Training], passes: list[Pass]) -> None:
        self._leaves: list[tuple[int, int, dict[int, TensorSnapshot]]] = []
        for event in training:
            if event.began is not None and event.began < event.step:
                for one in reversed(passes):
                    if event.began < one.step < event.step:
                        leaves = {id(seen.ref()): seen for seen in one.leaves.values()}
                        self._leaves.append((event.began, event.step, leaves))
                        break

    def leaf(self, leaf: torch.Tensor, step: int) -> TensorSnapshot | None:
        """The leaf as it was in a step inside one of them."""
        for began, ended, leaves in self._leaves:
            if began < step < ended and (seen := leaves.get(id(leaf))) is not None:
                return seen if seen.ref() is leaf else None
        return None


class Operands:
    """What went into functions, and what they keep."""

    def __init__(
        self,
        walk: Walk,
        tensors: TensorTable,
        sites: list[Site],
        is_hooked: Callable[[Node], bool],
        closures: Closures,
    ) -> None:
        self._closures = closures
        self._is_hooked = is_hooked
        self._walk, self._tensors, self._sites = walk, tensors, sites
        self._leaves = dict(walk.leaves)
        self._ops = definitions()
        self._saved_names: dict[type, list[str]] = {}

    def op_of(self, node: Node, origin: Origin | None) -> str | None:
        """The ATen name; `mul_` when the place says so, for both make the same node."""
        if (op := self._op(node)) is None:
            return None
        name = op.full_name
        if origin is not None and origin.note is not None and _is_alone(origin.note):
            site = self._sites[origin.site]
            if site.kind == "augmented" or site.name == f"{op.name}_":
                name = name.replace(op.name, f"{op.name}_", 1)
        return name

    def inputs(self, node: Node, origin: Origin | None) -> list[RecordedOperand]:
        """Its arguments in order: tensors by index, what needs no gradient too, plain values."""
        given = self._given(node, origin)
        step = origin.note[2] if origin is not None and origin.note is not None else -1
        op = self._op(node)
        edges = list(node.next_functions)[:MAX_INPUTS]
        if op is None:
            names = _names_of_edges(node, len(edges))
            return [
                RecordedOperand(name, self._tensor(edge, given.get(name), step), None)
                for name, edge in zip(names, edges, strict=True)
            ]
        lists = sum(count == "many" for count in op.edges.values())
        ones = sum(count == "one" for count in op.edges.values())
        found: list[RecordedOperand] = []
        for argument, how_many in op.edges.items():
            if how_many == "none":
                found += self._plain_argument(node, argument, given)
                continue
            many = how_many == "many"
            count = (len(edges) - ones) if many and lists == 1 else 1
            mine, edges = edges[:count], edges[count:]
            for nr, edge in enumerate(mine):
                name = f"{argument}[{nr}]" if many else argument
                found.append(self._operand(name, edge, given.get(name), step))
            ones -= how_many == "one"
        return found[:MAX_INPUTS]

    def saved(
        self,
        node: Node,
        inputs: list[RecordedOperand],
        outputs: list[int],
        kept: dict[str, int | None],
    ) -> list[RecordedSaved]:
        """What it keeps; a tensor that is freed is known by the argument of its name, or `kept`."""
        if is_custom(type(node)):
            is_freed = not saved_by(node)
            return [RecordedSaved(name, at, None, is_freed, False) for name, at in kept.items()]
        tensors = kept | {each.argument: each.tensor for each in inputs if each.tensor is not None}
        numbers = {each.argument: each.value for each in inputs}
        if outputs:
            tensors.setdefault("result", outputs[0])
        found = []
        hooked = self._is_hooked(node)
        for name in self._names_of_saved(type(node)):
            freed = modified = False
            value: Any = None
            try:
                if not hooked:
                    value = _signed(getattr(node, SAVED + name))
            except RuntimeError as error:
                freed, modified = _FREED in str(error), _MODIFIED in str(error)
                if not freed and not modified:
                    continue
            read = not (hooked or freed or modified)
            tensor = None if value is None and read else tensors.get(name)
            if numbers.get(name) is not None and (freed or is_tensor(value)):
                tensor, value = None, numbers[name]  # autograd keeps a number as a tensor
            elif is_tensor(value):
                tensor, value = self._of_saved(value, tensor), None
            elif value is not None and not isinstance(value, bool | int | float | str):
                value = (
                    clean(str(value), 200) if type(value) in (tuple, list, torch.dtype) else None
                )
            found.append(RecordedSaved(name, tensor, plain(value), freed, modified))
        return found

    def kept(
        self,
        node: Node,
        origin: Origin | None,
        freed: dict[str, TensorSnapshot],
        snapshots: Snapshots,
    ) -> dict[str, int | None]:
        """The tensors it keeps that have no history, by index; `freed` is what it kept once."""
        site, step = (origin.site, origin.note[2] if origin.note else 0) if origin else (NOWHERE, 0)
        now = {} if self._is_hooked(node) else snapshots_of_saved(node, snapshots, site, step)
        found: dict[str, int | None] = {}
        for name, seen in (freed | now).items():
            if seen.site == NOWHERE and seen.captured is not None and not seen.captured.shape:
                continue  # a number, which autograd keeps as a tensor
            if seen.site == NOWHERE and origin is not None:
                seen.site, seen.step = site, step
            known = seen.site != NOWHERE
            found[name] = self._tensors.index(seen) if known else self._tensors.alive(seen)
        return found

    def _of_saved(self, tensor: torch.Tensor, by_name: int | None) -> int | None:
        function = node_of(tensor)
        if function is not None and (at := self._walk.index.get(function)) is not None:
            return self._tensors.output(at, output_nr(tensor))
        found = self._tensors.object(tensor)
        return found if found is not None else by_name

    def _op(self, node: Node) -> Definition | None:
        name = type(node).__name__
        # The copying twin of a view has its derivative, and is another operation.
        return None if name.endswith("_copy") else self._ops.get(name)

    def _operand(self, name: str, edge: Any, given: Any, step: int) -> RecordedOperand:
        tensor = self._tensor(edge, given, step)
        if tensor is None and edge[0] is None and type(given) in (int, float, bool):
            return RecordedOperand(name, None, plain(given))
        return RecordedOperand(name, tensor, None)

    def _tensor(self, edge: Any, given: Any, step: int) -> int | None:
        """The tensor on an edge, or the constant that was given where there is none."""
        function, input_nr = edge
        if function is None:
            return self._tensors.index(given) if type(given) is TensorSnapshot else None
        position = self._walk.index.get(function)
        if position is None:
            return None
        if (leaf := self._leaves.get(position)) is not None:
            if type(given) is TensorSnapshot and given.ref() is leaf:
                return self._tensors.index(given)  # as it was then
            if (seen := self._closures.leaf(leaf, step)) is not None:
                return self._tensors.index(seen)
            return self._tensors.object(leaf)
        return self._tensors.output(position, input_nr)

    def _plain_argument(
        self, node: Node, name: str, given: dict[str, Any]
    ) -> list[RecordedOperand]:
        value = given.get(name)
        if hasattr(type(node), SAVED + name) and not self._is_hooked(node):
            with contextlib.suppress(RuntimeError):  # freed
                value = _signed(getattr(node, SAVED + name))
        if isinstance(value, tuple | list) and not any(map(is_tensor, value)):
            return [RecordedOperand(name, None, clean(str(list(value)), 200))]
        if type(value) in (bool, int, float, str):
            return [RecordedOperand(name, None, plain(value))]
        return []

    def _given(self, node: Node, origin: Origin | None) -> dict[str, Any]:
        """What the program wrote as arguments, by name, when it made this node alone."""
        if origin is None or origin.note is None or not _is_alone(origin.note):
            return {}
        site, op = self._sites[origin.note[0]], self._op(node)
        names = list(op.edges) if op else []
        return dict(_named(site, list(_values(site, origin.note[5])), names, op))

    def _names_of_saved(self, kind: type) -> list[str]:
        if kind not in self._saved_names:
            self._saved_names[kind] = [
                name.removeprefix(SAVED) for name in dir(kind) if name.startswith(SAVED)
            ][:MAX_SAVED]
        return self._saved_names[kind]


def _signed(value: Any) -> Any:
    """A number as the program wrote it: autograd hands out -1 as the largest of 64 bits."""
    return value - 2**64 if type(value) is int and value >= 2**63 else value


def _is_alone(note: tuple[Any, ...]) -> bool:
    return bool(note[4] - note[3] == 1)


def _values(site: Site, taken: tuple[Any, ...]) -> Iterator[tuple[Given, Any]]:
    """The operands of a site with their values, literals among them."""
    rest = iter(taken)
    for given in site.operands:
        yield given, next(rest, None) if given.pushed else given.literal


def _named(
    site: Site, values: list[tuple[Given, Any]], names: list[str], op: Definition | None
) -> Iterator[tuple[str, Any]]:
    """Operands by the argument's name in PyTorch; where that is not sure, not at all."""
    reflected = (
        site.kind == "operator" and len(values) == 2 and type(values[0][1]) is not TensorSnapshot
    )
    method = any(given.label == "self" for given, _ in values)
    trusted = (
        op is None
        or site.kind in ("operator", "augmented", "compare")
        or (site.name.strip("_") == op.name.strip("_"))
    )
    for given, value in values:
        label, _, rest = given.label.partition("[")
        if label.isdigit():
            at = int(label) + method
            if reflected:
                at = 1 - at
            if not trusted or at >= len(names):
                continue
            label = names[at]
        elif label == "input" and "self" in names:
            label = "self"
        yield (f"{label}[{rest}" if rest else label), value


def _names_of_edges(node: Node, count: int) -> list[str]:
    """What the edges of a node that is in no table are called: as `forward` has its parameters."""
    if type(node).__name__ == "CopySlices":
        return ["self", "source"][:count]
    forward = getattr(getattr(type(node), FORWARD_CLASS, None), "forward", None)
    code = getattr(forward, "__code__", None)
    names = list(code.co_varnames[1 : code.co_argcount]) if code is not None else []
    return names if len(names) == count else [str(nr) for nr in range(count)]
