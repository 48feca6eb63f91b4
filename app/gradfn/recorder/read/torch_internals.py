"""A tensor as PyTorch sees it, whatever the program made of its classes, methods and modes."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeGuard

import torch

Node = Any  # torch has no public class for the nodes of C++


def _own(name: str) -> Callable[[torch.Tensor], Any]:
    """The attribute as C++ has it: a program may override or patch it, but not in this class."""
    get: Callable[[torch.Tensor], Any] = vars(torch._C.TensorBase)[name].__get__
    return get


shape, dtype, layout = _own("shape"), _own("dtype"), _own("layout")
is_leaf, requires_grad, retains_grad = _own("is_leaf"), _own("requires_grad"), _own("retains_grad")
is_meta, is_nested, is_quantized = _own("is_meta"), _own("is_nested"), _own("is_quantized")
grad_fn, output_nr, version = _own("grad_fn"), _own("output_nr"), _own("_version")
_grad = _own("grad")
is_inference = torch._C.TensorBase.is_inference
is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor


def is_a(thing: object, kind: type) -> bool:
    """Whether it is one, without asking the program's own `__class__` or metaclass."""
    return type.__subclasscheck__(kind, type(thing))


def is_tensor(thing: object) -> TypeGuard[torch.Tensor]:
    """Whether it is a tensor, of whatever subclass."""
    return is_a(thing, torch.Tensor)


def without_user_hooks() -> ExitStack:
    """A context in which reading a tensor runs no code of the program and records nothing.

    Subclasses and modes that the program left active would otherwise take part.
    """
    stack = ExitStack()
    stack.enter_context(torch._C.DisableTorchFunction())
    stack.enter_context(torch._C._DisableTorchDispatch())
    stack.enter_context(torch._C._DisableAutocast())
    stack.enter_context(torch.no_grad())
    return stack


def history_of(tensor: torch.Tensor) -> tuple[Node, str | None]:
    """Its `grad_fn`, and in words why it cannot be told, if so.

    Call it inside `without_user_hooks()`.
    """
    if is_wrapped(tensor):
        return None, "It belongs to a torch.func transform that has ended."
    try:
        return grad_fn(tensor), None
    except RuntimeError as error:  # a view whose base was changed in a way that autograd forbids
        return None, str(error)


def node_of(root: Any) -> Node:
    """The function that a backward pass starts from: a `GradientEdge` has one as it is."""
    if not is_tensor(root):
        return getattr(root, "node", None)
    try:
        return None if is_wrapped(root) else grad_fn(root)
    except RuntimeError:
        return None


def grad_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """Its `.grad`, None for a non-leaf that keeps none. Call it inside `without_user_hooks()`.

    Reading that would print a warning that the program did not cause.
    """
    function, broken = history_of(tensor)
    if broken or (function is not None and not retains_grad(tensor)):
        return None
    grad: torch.Tensor | None = _grad(tensor)
    return grad
