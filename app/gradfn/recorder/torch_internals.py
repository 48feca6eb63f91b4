"""Every private name of torch that gradfn uses, and what for. A new release is checked here first.

They are C++'s own attributes and functions: what a program overrides or patches is not asked, so
reading runs no code of the program.
"""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeGuard

import torch
import torch.autograd.graph
import torch.utils.hooks

Node = Any  # torch has no public class for the nodes of C++
TENSOR, PARAMETER = torch.Tensor, torch.nn.Parameter

# --- A tensor, read by C++'s own methods and attributes.
TensorBase: Any = torch._C.TensorBase


def _attribute(name: str) -> Callable[[torch.Tensor], Any]:
    get: Callable[[torch.Tensor], Any] = vars(TensorBase)[name].__get__
    return get


shape, dtype, layout = _attribute("shape"), _attribute("dtype"), _attribute("layout")
is_leaf, requires_grad = _attribute("is_leaf"), _attribute("requires_grad")
retains_grad, output_nr = _attribute("retains_grad"), _attribute("output_nr")
is_meta, is_nested, is_quantized = map(_attribute, ("is_meta", "is_nested", "is_quantized"))
grad_fn, version, _grad = _attribute("grad_fn"), _attribute("_version"), _attribute("grad")
is_inference = TensorBase.is_inference
PARAMETER_MARK = "_is_param"  # of a subclass of Tensor that was made a Parameter
# A tensor of a torch.func transform, which cannot be asked once the transform has ended.
is_wrapped: Any = torch._C._functorch.is_functorch_wrapped_tensor
# Tensor subclasses with `__torch_dispatch__` have this key: their elements are their own business.
dispatch_keys: Any = torch._C._dispatch_keys
PYTHON_KEY = torch._C.DispatchKey.Python
# Tensors that torch materialises first when it prints them.
is_zero, is_functional = TensorBase._is_zerotensor, torch._is_functional_tensor
# Copies a sample of a tensor's elements in one call.
as_strided_copy: Any = torch._C._VariableFunctions.as_strided_copy
# Sparse tensors whose indices lead out of them: torch itself would follow them.
validate_coo: Any = torch._validate_sparse_coo_tensor_args
validate_compressed: Any = torch._validate_sparse_compressed_tensor_args

# --- Modes of the program that take part in operations.
function_modes: Any = torch._C._len_torch_function_stack
dispatch_modes: Any = torch._C._len_torch_dispatch_stack
pop_function_mode: Any = torch._C._pop_torch_function_stack
functorch_level: Any = torch._C._functorch.maybe_current_level  # None outside torch.func

# --- Nodes of the graph.
# The number of the next node in this thread; `Node._sequence_nr()` is the number of one.
next_sequence_nr: Any = torch._C._autograd._get_sequence_nr
LEAF_SEQUENCE_NR = 2**63  # AccumulateGrad nodes are numbered from here
ACCUMULATE_GRAD: Any = vars(torch._C._functions)["AccumulateGrad"]
SAVED, RAW_SAVED = "_saved_", "_raw_saved_"  # prefixes of what a node keeps; tensors have both
CUSTOM_FUNCTION: Any = torch._C._FunctionBase  # the nodes of an autograd.Function
saved_tensors: Any = vars(CUSTOM_FUNCTION)["saved_tensors"].__get__
FORWARD_CLASS = "_forward_cls"  # of such a node: its autograd.Function

# What a hook of a node is known by; its ids are one series, that of the program's hooks too.
HOOK_HANDLE: Any = torch.utils.hooks.RemovableHandle

# From 2.14 on, a context in which a function is called with each node that this thread makes.
node_creation_hook: Any = getattr(torch.autograd.graph, "node_creation_hook", None)

# --- What is replaced while a program is recorded, and put back.
# Every backward() and grad() goes through this function, which torch.autograd has imported.
ENGINE = "_engine_run_backward"
ENGINE_MODULES: tuple[Any, ...] = (torch.autograd, torch.autograd.graph)
# Default hooks for saved tensors come and go by two functions of this module.
AUTOGRAD: Any = torch._C._autograd
PUSH_HOOKS = "_push_saved_tensors_default_hooks"
POP_HOOKS = "_pop_saved_tensors_default_hooks"
# `swap_tensors` looks for weak references through this name of the module `weakref`.
SWAPPING, SWAPPING_WEAKREF = torch.utils, "weakref"
CALL_MODULE: Any = torch.nn.Module._call_impl  # its code gets probes around `forward`
MODULE_HOOKS = "_global_"  # the names of dictionaries of hooks for all modules begin so, here:
MODULE_HOOKS_OF: Any = torch.nn.modules.module
PRINT_OPTIONS: Any = torch._tensor_str.PRINT_OPTS
# What a module has, in its own dictionary.
PARAMETERS, BUFFERS, MODULES = "_parameters", "_buffers", "_modules"


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
    """Its `grad_fn`, or in words why it cannot be read.

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
