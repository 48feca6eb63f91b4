"""What each backward pass did: its functions in the engine's order, the gradients they passed on.

One post hook a node, put there when the pass begins, sees what reached the node and what leaves
it on each edge. Post hooks only look; gradients are copied when small and sampled when large, for
a reference would keep the engine from reusing memory.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch

from gradfn.events.recorded import PassCall
from gradfn.recorder.read.captured import Captured
from gradfn.recorder.torch_internals import (
    ACCUMULATE_GRAD,
    HOOK_HANDLE,
    Node,
    grad_of,
    is_tensor,
    node_of,
    sequence_nr,
    without_user_hooks,
)
from gradfn.recorder.watch.saved import snapshots_of_saved
from gradfn.recorder.watch.snapshots import Snapshots, TensorSnapshot, capture, no_active_modes

MAX_PASS_FUNCTIONS = 2_000  # of one pass
OWN_HOOKS = 2**40  # ids from here on are those of our hooks, so the program's are as without us
MAX_KEPT = 60_000  # functions in all passes
LATER: Any = ...  # what goes along an edge is known by the function at its end
Grads = tuple[Captured | None, ...]


class Pass:
    """One call of `backward()` or `autograd.grad()`; positions are those of its walk."""

    def __init__(self, step: int, stack: Any, call: PassCall) -> None:
        self.step, self.stack, self.call = step, stack, call
        self.roots: list[tuple[TensorSnapshot | None, Node, int]] = []  # as seen, node, output
        self.root_seqs: list[int] = []
        self.root_values: list[Captured | None] = []
        self.seed: list[Captured | None] = []
        self.types: list[type] = []
        self.seqs: list[int] = []
        self.leaves: dict[int, TensorSnapshot] = {}
        self.kept: dict[
            int, dict[str, TensorSnapshot]
        ] = {}  # by sequence number: what is freed on the way
        self.edges: list[list[tuple[int, int]]] = []  # of each: position (-1: none), input
        self.uses: list[int] = []  # by how many edges each is reached
        self.shape = -1
        self.ran: list[tuple[int, Any, Grads]] = []  # position, grad_inputs, grad_outputs
        self.accumulated: list[tuple[TensorSnapshot, Captured | None, Captured | None]] = []
        self.truncated = False
        self.is_open = True
        self.is_dropped = False


class Passes:
    """All passes of a run, and the shapes of graphs that were walked: alike ones are equal."""

    def __init__(
        self, snapshots: Snapshots, is_hooked: Callable[[Node], bool], *, everything: bool = False
    ) -> None:
        self._everything = everything  # hooks of the program may change gradients on their way
        self._is_hooked = is_hooked
        self.passes: list[Pass] = []
        self.shapes: dict[tuple[Any, ...], int] = {}
        self._snapshots = snapshots
        self._kept = self._hooked = 0

    @property
    def full(self) -> bool:
        """Whether no more is noted."""
        return self._kept >= MAX_KEPT

    def begin(
        self, step: int, stack: Any, site: int, roots: Any, args: tuple[Any, ...], call: PassCall
    ) -> Callable[[], None]:
        """Note a pass that is about to run, and put hooks in; call the result when it is over."""
        one = Pass(step, stack, call)
        self.passes.append(one)
        for root in roots:
            seen = self._snapshots.current(root, site, step) if is_tensor(root) else None
            one.root_values.append(seen.captured if seen else None)
            one.roots.append((seen, node_of(root), seen.output_nr if seen else 0))
        nodes = self._walk(one, [node for _, node, _ in one.roots])
        seeds = args[0] if args and isinstance(args[0], tuple | list) else ()
        one.seed = [capture(each) if is_tensor(each) else None for each in seeds]
        everything = self._everything or call == "grad" or bool(args[3:4] and args[3])
        retains = bool(args[1:2] and args[1])  # otherwise most hooks go with their nodes
        handles = []
        next_id, HOOK_HANDLE.next_id = HOOK_HANDLE.next_id, OWN_HOOKS + self._hooked
        for position, node in enumerate(nodes):
            if type(node) is ACCUMULATE_GRAD:
                leaf = node.variable
                seen = self._snapshots.current(leaf, site, step)
                one.leaves[position] = seen
                handles.append(node.register_hook(self._into_leaf(one, position, seen, leaf)))
                continue
            if not self._is_hooked(node) and (
                kept := snapshots_of_saved(node, self._snapshots, site, step)
            ):
                one.kept[one.seqs[position]] = kept
            wanted = [everything or to < 0 or one.uses[to] > 1 for to, _ in one.edges[position]]
            handle = node.register_hook(_through(one, position, wanted))
            if retains:
                handles.append(handle)
        HOOK_HANDLE.next_id = next_id
        self._kept += len(nodes)
        self._hooked += len(nodes)

        def end() -> None:
            one.is_open = False
            for handle in handles:
                handle.remove()

        return end

    def add(self, step: int, stack: int, call: PassCall, roots: list[Node]) -> None:
        """A pass that was not noted when it ran: its graph, without gradients."""
        one = Pass(step, stack, call)
        one.truncated = True
        one.roots = [(None, node, 0) for node in roots]
        for position, node in enumerate(self._walk(one, roots)):
            if type(node) is ACCUMULATE_GRAD:
                one.leaves[position] = self._snapshots.current(node.variable, 0, step)
        self.passes.append(one)

    def drop(self, count: int) -> None:
        """All but the first so many were never noted."""
        for one in self.passes[count:]:
            one.is_dropped = True
            self._kept -= len(one.types)
        del self.passes[count:]

    def _walk(self, one: Pass, roots: list[Node]) -> list[Node]:
        index: dict[Node, int] = {None: -1}
        nodes: list[Node] = []
        shape: list[Any] = [one.call]
        for node in roots:
            if node is not None and node not in index:
                index[node] = len(nodes)
                nodes.append(node)
                one.uses.append(1)
        done = 0
        while done < len(nodes):
            node = nodes[done]
            done += 1
            shape.append(type(node))
            edges = []
            for following, input_nr in node.next_functions:
                position = index.get(following)
                if position is None:
                    if len(nodes) == MAX_PASS_FUNCTIONS:
                        one.truncated = True
                        edges.append((-1, 0))
                        continue
                    position = index[following] = len(nodes)
                    nodes.append(following)
                    one.uses.append(0)
                if position >= 0:
                    one.uses[position] += 1
                edges.append((position, input_nr))
            one.edges.append(edges)
            shape += edges
        one.types = [type(node) for node in nodes]
        one.seqs = [sequence_nr(node) for node in nodes]
        one.root_seqs = [-1 if node is None else sequence_nr(node) for _, node, _ in one.roots]
        one.roots = [(seen, None, nr) for seen, _, nr in one.roots]  # no graph is kept alive
        one.shape = self.shapes.setdefault(tuple(shape), len(self.shapes))
        return nodes

    def _into_leaf(
        self, one: Pass, position: int, seen: TensorSnapshot, leaf: torch.Tensor
    ) -> Callable[[Any, Any], None]:
        snapshots, site, step = self._snapshots, seen.site, one.step
        grad = grad_of(leaf)
        # Looked at in any case: `.data` and NumPy change elements and no version.
        before = None if grad is None else snapshots.take(grad, site, step).captured
        was_there = grad is not None
        del grad, leaf

        def hook(grad_inputs: Any, grad_outputs: Any) -> None:
            tensor = seen.ref() if one.is_open else None
            if tensor is None:
                return
            arrived = _captured(grad_outputs)
            one.ran.append((position, (), arrived))
            with nullcontext() if no_active_modes() else without_user_hooks():
                after = grad_of(tensor)
            if after is not None:  # where there was none, what arrived is what there is
                known = None if was_there else arrived[0]
                now = (
                    snapshots.take(after, site, step, known)
                    if known
                    else snapshots.current(after, site, step)
                )
                one.accumulated.append((seen, before, now.captured))

        return hook


def _through(one: Pass, position: int, wanted: list[bool]) -> Callable[[Any, Any], None]:
    """A hook; what goes along an edge that is not wanted is known where it arrives."""
    ran = one.ran

    def hook(grad_inputs: Any, grad_outputs: Any) -> None:
        if one.is_open:
            sent = tuple(
                [
                    None if grad is None else capture(grad) if wants else LATER
                    for grad, wants in zip(grad_inputs, wanted, strict=False)
                ]
            )
            ran.append((position, sent, _captured(grad_outputs)))

    return hook


def sent_by(one: Pass, position: int, sent: tuple[Any, ...], arrived: dict[int, Grads]) -> Grads:
    """What a function sent along its edges; `arrived` is what reached each position."""
    edges = one.edges[position] if position < len(one.edges) else []
    found = []
    for nr, grad in enumerate(sent):
        if grad is LATER:
            to, input_nr = edges[nr]
            there = arrived.get(to, ())
            grad = there[input_nr] if input_nr < len(there) else None
        found.append(grad)
    return tuple(found)


def _captured(grads: Any) -> Grads:
    return tuple([None if grad is None else capture(grad) for grad in grads])
