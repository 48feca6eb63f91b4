"""The tensors that nodes keep for backward, by PyTorch's own names, while they still do."""

from functools import cache
from typing import Any

import torch

from gradfn.recorder.torch_internals import (
    CUSTOM_FUNCTION,
    RAW_SAVED,
    SAVED,
    Node,
    is_tensor,
    requires_grad,
    saved_tensors,
)
from gradfn.recorder.watch.snapshots import Snapshots, TensorSnapshot

CUSTOM = "saved_tensors"
NOWHERE = -1  # the site of a tensor that only a node has


def is_custom(kind: type) -> bool:
    """Whether its nodes are of an `autograd.Function`, whose tensors have no names."""
    return type.__subclasscheck__(CUSTOM_FUNCTION, kind)


@cache
def _names_kept(kind: Any) -> tuple[str, ...]:
    """What nodes of the class keep as tensors."""
    return tuple(name.removeprefix(RAW_SAVED) for name in dir(kind) if name.startswith(RAW_SAVED))


def saved_by(node: Node) -> list[tuple[str, torch.Tensor]]:
    """The tensors that a node keeps; none when they are freed, or changed since."""
    kind: Any = type(node)
    try:
        if is_custom(kind):
            tensors = enumerate(saved_tensors(node))
            return [(f"{CUSTOM}[{nr}]", each) for nr, each in tensors if is_tensor(each)]
        found = [(name, getattr(node, SAVED + name)) for name in _names_kept(kind)]
        return [(name, each) for name, each in found if is_tensor(each)]
    except RuntimeError:
        return []


def snapshots_of_saved(
    node: Node, snapshots: Snapshots, site: int, step: int
) -> dict[str, TensorSnapshot]:
    """What a node keeps as it is now, but for what the graph has anyhow: tensors with a history.

    A tensor that nobody has seen before has no site yet.
    """
    return {
        name: snapshots.current(tensor, site if requires_grad(tensor) else NOWHERE, step)
        for name, tensor in saved_by(node)
        if not requires_grad(tensor) or is_custom(type(node))
    }


def has_freed(node: Node) -> bool:
    """Whether a backward pass has freed what the node kept; no hook of the program runs."""
    kind: Any = type(node)
    if is_custom(kind):
        return False
    runs_code = object()  # several tensors, or one with a hook: they are not asked
    try:
        for name in _names_kept(kind):
            if getattr(getattr(node, RAW_SAVED + name), "unpack_hook", runs_code) is None:
                getattr(node, SAVED + name)
    except RuntimeError as error:
        return "already been freed" in str(error)
    return False
