"""Every private name of torch that gradfn uses, and what for. A new release is checked here first.

They are C++'s own attributes and functions: what a program overrides or patches is not asked, so
reading runs no code of the program. Each is looked up when this is imported. One that a release
does not have is replaced, and a warning says what that costs (`gradfn.recorder.optional`).
"""

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from operator import methodcaller
from typing import Any, TypeGuard

import torch
import torch.autograd.graph
import torch.utils.hooks
from torch.autograd import forward_ad
from torch.utils import _device

from gradfn.recorder.optional import all_or_none, getter, optional

Node = Any  # torch has no public class for the nodes of C++
TENSOR, PARAMETER = torch.Tensor, torch.nn.Parameter


def _never(_: Any) -> bool:
    return False


def _always(_: Any) -> bool:
    return True


def _nothing(*_: Any) -> None:
    return None


def _unchecked(*_: Any) -> None:
    raise RuntimeError("This release of torch has nothing to check its indices with.")


# --- A tensor, read by C++'s own methods and attributes.
TensorBase: Any = optional(
    torch, "_C.TensorBase", torch.Tensor, "what a program changes in torch.Tensor is asked too"
)


def _attribute(name: str) -> Callable[[torch.Tensor], Any]:
    return getter(TensorBase, name)


shape, dtype, layout = _attribute("shape"), _attribute("dtype"), _attribute("layout")
is_leaf, requires_grad = _attribute("is_leaf"), _attribute("requires_grad")
retains_grad, output_nr = _attribute("retains_grad"), _attribute("output_nr")
is_meta, is_nested, is_quantized = map(_attribute, ("is_meta", "is_nested", "is_quantized"))
grad_fn, version, _grad = _attribute("grad_fn"), _attribute("_version"), _attribute("grad")
is_inference = TensorBase.is_inference
PARAMETER_MARK = "_is_param"  # of a subclass of Tensor that was made a Parameter
# A tensor of a torch.func transform, which cannot be asked once the transform has ended.
is_wrapped: Any = optional(
    torch,
    "_C._functorch.is_functorch_wrapped_tensor",
    _never,
    "tensors of torch.func transforms are read as any other",
)
# Copies a sample of a tensor's elements in one call.
as_strided_copy: Any = optional(
    torch,
    "_C._VariableFunctions.as_strided_copy",
    lambda *given: torch.as_strided(*given).clone(),
    "samples of large tensors take two calls",
)
# Sparse tensors whose indices lead out of them: torch itself would follow them.
SPARSE = "values of sparse tensors are not shown"
validate_coo: Any = optional(torch, "_validate_sparse_coo_tensor_args", _unchecked, SPARSE)
validate_compressed: Any = optional(
    torch, "_validate_sparse_compressed_tensor_args", _unchecked, SPARSE
)

# --- A tensor that its class computes in Python, by `__torch_dispatch__`, has a key that says so:
# its elements are that class's own business.
_HAS_KEYS = all_or_none(
    torch,
    ("_C._dispatch_keys", "_C.DispatchKey.Python"),
    "values of tensors of a subclass are not shown",
)
_C: Any = torch._C


def computes_in_python(tensor: torch.Tensor) -> bool:
    """Whether its class has a `__torch_dispatch__`; assumed of any that is not torch's."""
    if not _HAS_KEYS:
        return type(tensor) not in (TENSOR, PARAMETER)
    found: bool = _C._dispatch_keys(tensor).has(_C.DispatchKey.Python)
    return found


# --- How torch prints a tensor.
PRINTING = "small tensors are printed by torch, which takes longer"
_IS_KNOWN = all_or_none(torch, ("_tensor_str._str", "_tensor_str.PRINT_OPTS"), PRINTING)
_tensor_str: Any = torch._tensor_str if _IS_KNOWN else None
PRINT_OPTIONS: Any = _tensor_str.PRINT_OPTS if _IS_KNOWN else None
_STR, _OPTIONS = (_tensor_str._str, dict(vars(PRINT_OPTIONS))) if _IS_KNOWN else (None, None)
# Tensors that torch materialises first when it prints them.
is_zero: Any = optional(torch, "_C.TensorBase._is_zerotensor", _always, PRINTING)
is_functional: Any = optional(torch, "_is_functional_tensor", _always, PRINTING)
_HAS_LEVEL = all_or_none(forward_ad, ("_current_level",), PRINTING)


def prints_as_ever() -> bool:
    """Whether a tensor is printed as a new process does: no option, no dual level, no patch."""
    return (
        _IS_KNOWN
        and _HAS_LEVEL
        and forward_ad._current_level < 0
        and _tensor_str._str is _STR
        and vars(PRINT_OPTIONS) == _OPTIONS
    )


# --- Modes of the program that take part in operations.
UNKNOWN_MODES = "values at each line are read more slowly, and modes that a program leaves stay"
MODES = ("_len_torch_function_stack", "_len_torch_dispatch_stack", "_pop_torch_function_stack")
_HAS_MODES = all_or_none(torch, tuple(f"_C.{name}" for name in MODES), UNKNOWN_MODES)


def _one() -> int:
    return 1


function_modes: Any = _C._len_torch_function_stack if _HAS_MODES else _one
dispatch_modes: Any = _C._len_torch_dispatch_stack if _HAS_MODES else _one
pop_function_mode: Any = _C._pop_torch_function_stack if _HAS_MODES else _nothing
# None outside torch.func
functorch_level: Any = optional(
    torch,
    "_C._functorch.maybe_current_level",
    _nothing,
    "inside torch.func, large tensors are read as any other",
)

# --- Nodes of the graph.
# The number of the next node in this thread, and that of one.
_HAS_NUMBERS = all_or_none(
    torch, ("_C._autograd._get_sequence_nr",), "functions have no line, module or pass"
)
next_sequence_nr: Any = _C._autograd._get_sequence_nr if _HAS_NUMBERS else lambda: 0
sequence_nr: Any = methodcaller("_sequence_nr") if _HAS_NUMBERS else lambda _: 0
LEAF_SEQUENCE_NR = 2**63  # AccumulateGrad nodes are numbered from here
ACCUMULATE_GRAD: Any = type(
    torch.autograd.graph.get_gradient_edge(torch.ones((), requires_grad=True)).node
)
SAVED, RAW_SAVED = "_saved_", "_raw_saved_"  # prefixes of what a node keeps; tensors have both
CUSTOM_FUNCTION: Any = optional(  # the nodes of an autograd.Function
    torch, "_C._FunctionBase", type("NoFunction", (), {"saved_tensors": property(list)}),
    "what an autograd.Function keeps is not shown",
)  # fmt: skip
saved_tensors: Any = getter(CUSTOM_FUNCTION, "saved_tensors")
FORWARD_CLASS = "_forward_cls"  # of such a node: its autograd.Function

# What a hook of a node is known by; its ids are one series, that of the program's hooks too.
HOOK_HANDLE: Any = optional(
    torch, "utils.hooks.RemovableHandle", type("NoHandle", (), {"next_id": 0}),
    "hooks of the program have higher ids",
)  # fmt: skip

# From 2.14 on, a context in which a function is called with each node that this thread makes.
node_creation_hook: Any = getattr(torch.autograd.graph, "node_creation_hook", None)

# --- What is replaced while a program is recorded, and put back.
# Every backward() and grad() goes through this function, which torch.autograd has imported.
ENGINE = "_engine_run_backward"
ENGINE_MODULES: tuple[Any, ...] = tuple(
    module
    for module in (torch.autograd, torch.autograd.graph)
    if all_or_none(module, (ENGINE,), "backward passes are not seen")
)
# Default hooks for saved tensors come and go by two functions of this module.
PUSH_HOOKS = "_push_saved_tensors_default_hooks"
POP_HOOKS = "_pop_saved_tensors_default_hooks"
_HAS_HOOKS = all_or_none(
    torch,
    (f"_C._autograd.{PUSH_HOOKS}", f"_C._autograd.{POP_HOOKS}"),
    "tensors that hooks pack, as a checkpoint's are, may be unpacked by reading them",
)
AUTOGRAD: Any = _C._autograd if _HAS_HOOKS else None
# `swap_tensors` looks for weak references through this name of the module `weakref`.
SWAPPING_WEAKREF = "weakref"
SWAPPING: Any = (
    torch.utils
    if all_or_none(torch.utils, (SWAPPING_WEAKREF,), "torch.utils.swap_tensors may refuse tensors")
    else None
)
# Its code gets probes around `forward`.
CALL_MODULE: Any = optional(
    torch.nn.Module, "_call_impl", None, "functions and folds have no module"
)
MODULE_HOOKS = "_global_"  # the names of dictionaries of hooks for all modules begin so, here:
MODULE_HOOKS_OF: Any = torch.nn.modules.module
# What a module has, in its own dictionary.
PARAMETERS, BUFFERS, MODULES = "_parameters", "_buffers", "_modules"
# What makes tensors on a device, for programs that are to run on the CPU.
device_constructors: Any = optional(
    _device, "_device_constructors", lambda: (torch.ones, torch.zeros, torch.tensor),
    "only a few ways to make a tensor for a GPU make it on the CPU",
)  # fmt: skip


def is_a(thing: object, kind: type) -> bool:
    """Whether it is one, without asking the program's own `__class__` or metaclass."""
    return type.__subclasscheck__(kind, type(thing))


def is_tensor(thing: object) -> TypeGuard[torch.Tensor]:
    """Whether it is a tensor, of whatever subclass."""
    return is_a(thing, torch.Tensor)


_DISABLING: tuple[Any, ...] = tuple(
    optional(torch, f"_C.{name}", nullcontext, "code of a subclass or a mode runs while it is read")
    for name in ("DisableTorchFunction", "_DisableTorchDispatch", "_DisableAutocast")
)


def without_user_hooks() -> ExitStack:
    """A context in which reading a tensor runs no code of the program and records nothing.

    Subclasses and modes that the program left active would otherwise take part.
    """
    stack = ExitStack()
    for each in _DISABLING:
        stack.enter_context(each())
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
