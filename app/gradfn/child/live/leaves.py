"""The leaves that backward passes reach, and the names of leaves and roots."""

import time
import weakref
from typing import Any

import torch

from gradfn.events.live import MAX_PARAMETERS
from gradfn.recorder.read.names import module_level, name_tensors
from gradfn.recorder.read.text import clean
from gradfn.recorder.torch_internals import (
    ACCUMULATE_GRAD,
    Node,
    is_leaf,
    is_tensor,
    node_of,
    requires_grad,
)

NAMES_SECONDS = 0.5  # a tensor without a name is not looked for more often
MAX_WALKED = 20_000  # functions


class Leaves:
    """What is known of the passes of each calling line; no tensor is kept alive for it."""

    def __init__(self) -> None:
        self._by_line: dict[int, list[weakref.ref[torch.Tensor]]] = {}
        self._names: dict[int, tuple[weakref.ref[torch.Tensor], str]] = {}  # by the leaf's id
        self._root_names: dict[int, str] = {}  # by line
        self._next_names = 0.0

    def of_pass(self, root: Any, line: int, *, refresh: bool) -> list[torch.Tensor]:
        """The leaves that a pass of this line reached: walked to, or those of the last time."""
        if refresh or line not in self._by_line:
            leaves = _walk_to_leaves(root)
            self._by_line[line] = list(map(weakref.ref, leaves))
            return leaves
        return [leaf for ref in self._by_line[line] if (leaf := ref()) is not None]

    def find_names(self, leaves: list[torch.Tensor], names: dict[str, Any]) -> None:
        """Look for the names of leaves that have none yet."""
        now = time.monotonic()
        if now < self._next_names or all(map(self._is_known, leaves)):
            return
        self._next_names = now + NAMES_SECONDS
        named = name_tensors(names)
        for leaf in leaves:
            found = named[id(leaf)].names if id(leaf) in named else [""]
            self._names[id(leaf)] = (weakref.ref(leaf), found[0])

    def name_of(self, leaf: torch.Tensor) -> str:
        """The name that was found, "" if none was."""
        return self._names[id(leaf)][1] if id(leaf) in self._names else ""

    def root_name(self, root: Any, line: int, *spaces: dict[str, Any]) -> str:
        """The name of the root where it has one: `loss`; without a root, that of the last time."""
        if root is not None:
            found = [name for space in spaces for name, each in module_level(space) if each is root]
            self._root_names[line] = clean(found[0], 200) if found else ""
        return self._root_names.get(line, "")

    def _is_known(self, leaf: torch.Tensor) -> bool:
        return id(leaf) in self._names and self._names[id(leaf)][0]() is leaf


def _walk_to_leaves(root: Any) -> list[torch.Tensor]:
    pending: list[Node] = [node_of(root)]
    visited = set(pending)
    leaves: list[torch.Tensor] = []
    for node in pending:
        if node is None or len(visited) > MAX_WALKED:
            continue
        if type(node) is ACCUMULATE_GRAD:
            if len(leaves) < MAX_PARAMETERS:
                leaves.append(node.variable)
            continue
        for following, _ in node.next_functions:
            if following not in visited:
                visited.add(following)
                pending.append(following)
    if is_tensor(root) and is_leaf(root) and requires_grad(root):
        leaves.append(root)
    return leaves
