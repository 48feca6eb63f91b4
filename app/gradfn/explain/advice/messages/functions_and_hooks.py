"""Texts about custom Functions, hooks, checkpoints, torch.func, and what has no derivative."""

import ast
from dataclasses import replace

from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import keyword_of, name_of
from gradfn.model.document import Explanation


def _backward_of(text: Text) -> ast.FunctionDef | None:
    """The `backward` of the Function of that name, or the only one."""
    source = text.case.source
    classes = [each for each in source.statements if isinstance(each, ast.ClassDef)]
    named = [each for each in classes if text.groups and text.groups[0] == f"{each.name}Backward"]
    for owner in named or classes:
        for each in owner.body:
            if isinstance(each, ast.FunctionDef) and each.name == "backward":
                return each
    return None


def _count(text: Text) -> Explanation:
    source = text.case.source
    backward = _backward_of(text)
    returned = (
        [each for each in ast.walk(backward) if isinstance(each, ast.Return)] if backward else []
    )
    if len(returned) != 1 or returned[0].value is None:
        return text.explanation
    expected, got = int(text.groups[1]), int(text.groups[2])
    explained = replace(text.explanation, line=returned[0].lineno)
    if expected > got:
        more = ", None" * (expected - got)
        return replace(
            explained,
            edits=(source.replaced(returned[0].value, source.text(returned[0].value) + more),),
        )
    value = returned[0].value
    if isinstance(value, ast.Tuple):
        kept = ", ".join(source.text(each) for each in value.elts[:expected])
        return replace(explained, edits=(source.replaced(value, kept),))
    return explained


def _shape(text: Text) -> Explanation:
    backward = _backward_of(text)
    return replace(text.explanation, line=backward.lineno) if backward else text.explanation


def _static(text: Text) -> Explanation:
    source = text.case.source
    methods = [
        each
        for owner in source.statements
        if isinstance(owner, ast.ClassDef)
        and any(source.text(base).endswith("Function") for base in owner.bases)
        for each in owner.body
        if isinstance(each, ast.FunctionDef)
        and each.name in ("forward", "backward")
        and not each.decorator_list
    ]
    edits = [source.before(each.lineno, "@staticmethod") for each in methods]
    classes = {each.name for each in source.statements if isinstance(each, ast.ClassDef)}
    edits += [  # Function.apply(x) for Function()(x)
        source.replaced(call.func, f"{source.text(call.func.func)}.apply")
        for call in source.calls
        if isinstance(call.func, ast.Call) and name_of(call.func) in classes
    ]
    line = methods[0].lineno if methods else text.line
    return replace(text.explanation, line=line, edits=tuple(edits))


def _reentrant(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_of("checkpoint", "checkpoint_sequential"):
        if keyword_of(call, "use_reentrant") is not False:
            edit = source.with_keyword(call, "use_reentrant", "False")
            return replace(text.explanation, line=call.lineno, edits=(edit,))
    return text.explanation


def _kept_on_ctx(text: Text) -> Explanation:
    calls = [each for each in text.case.source.calls if name_of(each) == "save_for_backward"]
    return replace(text.explanation, line=calls[0].lineno) if calls else text.explanation


def _undifferentiable(text: Text) -> Explanation:
    functions = text.case.document.graph.functions
    made = [
        each for each in functions if (each.op or "").split(".")[0] == f"aten::{text.groups[0]}"
    ]
    if not made:
        return text.explanation
    return replace(text.explanation, line=made[0].line, functions=(made[0].id,))


def _hooked(text: Text) -> Explanation:
    """Where the hook was registered, if that is done once."""
    calls = [each for each in text.case.source.calls if name_of(each).startswith("register_")]
    if len(calls) != 1:
        return text.explanation
    owner = calls[0].func.value if isinstance(calls[0].func, ast.Attribute) else None
    tensor = text.case.named.get(text.case.source.text(owner)) if owner is not None else None
    tensors = (tensor.id,) if tensor else ()
    return replace(text.explanation, line=calls[0].lineno, tensors=tensors)


MESSAGES = (
    Message(
        "custom-count",
        r"function (\w+) returned an incorrect number of gradients \(expected (\d+), got (\d+)\)",
        "backward() must return one gradient for each input of forward()",
        "forward() of `{0}` has {1} inputs beside `ctx`, and its backward() returned {2}.",
        "Return None for an input that needs no gradient.",
        "back-propagation#custom",
        _count,
    ),
    Message(
        "custom-shape",
        r"Function (\w+) returned an invalid gradient at index (\d+) - got (\[.*?\]) but "
        r"expected shape "
        r"compatible with (\[.*?\])",
        "A gradient has the shape of its input",
        "The input at index {1} has the shape {3}; backward() of `{0}` returned {2} for it.",
        "Sum over what was broadcast, or transpose: vᵀ·J has the shape of the input.",
        "back-propagation#custom",
        _shape,
    ),
    Message(
        "custom-legacy",
        r"Legacy autograd function with non-static forward method is deprecated",
        "forward() and backward() of a Function are static",
        "A Function is not instantiated: what backward() needs is saved in `ctx`.",
        "Put `@staticmethod` before both, and call `.apply(…)`.",
        "back-propagation#custom",
        _static,
    ),
    Message(
        "custom-saved",
        r"save_for_backward can only save variables, but argument (\d+) is of type (\w+)",
        "save_for_backward() is for tensors",
        "Argument {0} is `{1}`. Tensors are saved in a special way so that a change in "
        "place is detected.",
        "Save other values as attributes: `ctx.n = n`.",
        "back-propagation#custom",
        _kept_on_ctx,
    ),
    Message(
        "no-derivative",
        r"the derivative for '(\w+)' is not implemented",
        "PyTorch has no derivative for this operation",
        "No derivative is implemented for `{0}`, so no gradient can go through it.",
        "Use another operation, detach its input with `.detach()`, or write a custom Function.",
        "back-propagation#custom",
        _undifferentiable,
    ),
    Message(
        "hook-changed-size",
        r"hook '(.*?)' has changed the size of value",
        "A hook must return a gradient of the same shape",
        "What `{0}` returned replaces the gradient, and its shape is different.",
        "Return a tensor of the gradient's shape, or None to leave the gradient as it is.",
        "back-propagation#hooks",
        _hooked,
    ),
    Message(
        "hook-returned",
        r"expected (?:Variable|Tensor or None), but hook returned '(\w+)'",
        "A hook returns a tensor or nothing",
        "What it returns replaces the gradient, and it returned `{0}`.",
        "Return None, or a tensor of the gradient's shape.",
        "back-propagation#hooks",
        _hooked,
    ),
    Message(
        "checkpoint-reentrant",
        r"torch\.utils\.checkpoint: the use_reentrant parameter should be passed explicitly",
        "checkpoint() needs an explicit use_reentrant",
        "The reentrant variant runs a backward pass inside the backward pass and needs an input "
        "that requires grad; the other variant does not.",
        "Pass `use_reentrant=False`.",
        "back-propagation#hooks",
        _reentrant,
    ),
    Message(
        "checkpoint-without-grad",
        r"None of the inputs have requires_grad=True\. Gradients will be None",
        "The checkpoint has no input that requires grad",
        "The reentrant variant of checkpoint() then records nothing, and parameters inside get "
        "no gradient.",
        "Pass `use_reentrant=False`.",
        "back-propagation#hooks",
        _reentrant,
    ),
    Message(
        "vmap-item",
        r"vmap: It looks like you're (?:calling \.item\(\) on a Tensor|attempting to use a Tensor "
        r"in some data-dependent control flow)",
        "Inside vmap a tensor stands for a whole batch",
        "`.item()` and `if` need one value, and under vmap there is one for each element of the "
        "batch.",
        "Keep the tensor; to choose, use `torch.where` instead of `if`.",
        "jacobian#func",
    ),
    Message(
        "func-scalar",
        r"Expected f\(\*args\) to return a scalar Tensor, got tensor with (\d+) dims",
        "torch.func.grad needs a function that returns a single number",
        "This one returns a tensor of {0} dimensions.",
        "Sum it, or use `vjp` for vᵀ·J or `jacrev` for J.",
        "jacobian#func",
    ),
)
