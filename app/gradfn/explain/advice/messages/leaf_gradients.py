"""Texts about `.grad`: of what is not a leaf, missing, or assigned in another form."""

import ast
from dataclasses import replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.causes import leaf_again
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.model.document import Explanation


def _grad_of_non_leaf(text: Text) -> Explanation:
    case, line = text.case, text.line
    owner = _owner_of_grad(case, line)
    tensor = case.named.get(owner) if owner else None
    if owner is None or tensor is None or line is None:
        return text.explanation
    again = leaf_again(case, tensor.line)
    backward = [each.line for each in case.document.backward if each.line is not None]
    first = min(backward, default=line)
    kept = (case.source.before(min(first, line), f"{owner}.retain_grad()"),)
    made = case.origin(tensor)
    return replace(
        text.explanation,
        why=f"Line {line} reads `{owner}.grad`, and backward() fills `.grad` of leaves only. "
        f"`{owner}` is not one: it is the result of {made}. Its gradient was used during the "
        f"backward pass and dropped.",
        line=tensor.line or line,
        tensors=(tensor.id,),
        functions=(tensor.grad_fn,) if tensor.grad_fn else (),
        edits=again or kept,
    )


def _owner_of_grad(case: Case, line: int | None) -> str | None:
    """What stands before `.grad`, as `net.weight`: the first that is no leaf or has no gradient."""
    statement = case.source.statement(line)
    owners = [
        case.source.text(each.value)
        for each in (ast.walk(statement) if statement is not None else ())
        if isinstance(each, ast.Attribute) and each.attr == "grad"
    ]
    for name in owners:
        tensor = case.named.get(name)
        later = tensor is not None and (tensor.line or 0) > (line or 0)
        if later and case.source.loop_around(line) is None:
            continue  # the name was bound to this one afterwards
        if tensor is not None and (not tensor.is_leaf or tensor.grad is None):
            return name
    return None


def _grad_is_none(text: Text) -> Explanation | None:
    """Which of the reasons for a missing gradient it is."""
    case, line = text.case, text.line
    owner = _owner_of_grad(case, line)
    tensor = case.named.get(owner) if owner else None
    if owner is None or tensor is None or line is None:
        return _grad_of_a_local_name(text)
    explained = replace(text.explanation, tensors=(tensor.id,), line=tensor.line)
    if not tensor.requires_grad:
        edit = case.source.requiring_grad(owner)
        return replace(
            explained,
            why=f"`{owner}` does not require grad, so autograd did not track it.",
            fix="Make it with `requires_grad=True`.",
            edits=(edit,) if edit else (),
        )
    if not tensor.is_leaf:
        return replace(
            explained,
            why=f"`{owner}` is the result of {case.origin(tensor)}: it is "
            "not a leaf, and backward() fills `.grad` of leaves only.",
            fix="Update inside `with torch.no_grad():` and in place, so that it stays a leaf; or "
            "call `.retain_grad()` before backward().",
            edits=leaf_again(case, tensor.line),
        )
    cleared = [
        e
        for e in case.document.training
        if e.kind == "zero_grad" and any(c.tensor == tensor.id for c in e.changed)
    ]
    accumulated = any(tensor.id in one.accumulated_into for one in case.document.backward)
    if cleared and accumulated:
        return replace(
            explained,
            why=f"Line {cleared[-1].line} cleared the gradients: zero_grad() sets them to None.",
            fix="Read `.grad` before clearing it.",
            line=cleared[-1].line,
        )
    if not case.document.backward:
        return replace(
            explained,
            why="No backward pass has run, and only that fills `.grad`.",
            fix="Call backward() on the loss first.",
        )
    return replace(
        explained,
        why=f"The backward pass did not reach `{owner}`: there is no path in the graph "
        f"from its root to it.",
        fix=f"Find where the path from `{owner}` to the loss is cut, or whether it is used at all.",
    )


def _grad_of_a_local_name(text: Text) -> Explanation | None:
    """`p.grad.norm()` in a function or a loop: which tensors have no gradient."""
    case, statement = text.case, text.case.source.statement(text.line)
    read = [
        case.source.text(each.value)
        for each in (ast.walk(statement) if statement is not None else ())
        if isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Attribute)
        and each.value.attr == "grad"
    ]
    if not read or text.line is None:
        return None
    warned = any(
        each.line == text.line and "not a leaf Tensor" in each.why
        for each in case.document.diagnostics
    )
    if warned:
        return replace(
            text.explanation,
            line=text.line,
            why=f"`{read[0]}` is of a tensor that is not a leaf: it is the result of an operation, "
            "and backward() fills `.grad` of leaves only.",
            fix="Call `.retain_grad()` on it before backward(), or read the gradient of a leaf.",
        )
    without = [
        each
        for each in case.document.graph.tensors
        if each.is_leaf and each.requires_grad and each.grad is None and each.names
    ]
    if not case.document.backward or not without:
        return None
    listed = ", ".join(f"`{each.names[0]}`" for each in without[:4])
    return replace(
        text.explanation,
        line=text.line,
        tensors=tuple(each.id for each in without[:20]),
        why=f"No backward pass has reached {listed}, so `{read[0]}` is None there.",
        fix=f"Leave out what has no gradient: `if {read[0]} is not None`, or find why the loss "
        "does not depend on it.",
    )


def _assigned_grad(text: Text) -> Explanation:
    statement = text.case.source.statement(text.line)
    match statement:
        case ast.Assign(targets=[ast.Attribute(attr="grad", value=ast.Name(id=name))], value=value):
            edit = text.case.source.replaced(
                value, f"({text.case.source.text(value)}).to({name}.dtype)"
            )
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


MESSAGES = (
    Message(
        "non-leaf-grad",
        r"The \.grad attribute of a Tensor that is not a leaf Tensor",
        "`.grad` of a tensor that is not a leaf",
        "backward() fills `.grad` of leaves only: of the tensors that you made with "
        "requires_grad=True. This one is the result of an operation, so its gradient was used "
        "during the backward pass and dropped, and `.grad` is None.",
        "Call `.retain_grad()` on it before backward(), or read the gradient of a leaf.",
        "notes#leaves",
        _grad_of_non_leaf,
    ),
    Message(
        "grad-is-none",
        r"'NoneType' object (?:has no attribute|does not support)|unsupported operand "
        r"type\(s\) for .*'NoneType'"
        r"|must be Tensor, not NoneType|bad operand type for unary .*'NoneType'",
        "`.grad` is None",
        "There is no gradient, which is not the same as a gradient of zero.",
        "Check that the tensor is a leaf, that it requires grad, and that the loss depends on it.",
        "notes#leaves",
        _grad_is_none,
    ),
    Message(
        "grad-of-another-size",
        r"attempting to assign a gradient of size '(\[.*?\])' to a tensor of size '(\[.*?\])'",
        "A gradient has the shape of its tensor",
        "The tensor has the shape {1}; what was assigned to `.grad` has {0}.",
        "Assign a tensor of the shape {1}, or sum over the dimensions that were broadcast.",
        "notes#accumulate",
    ),
    Message(
        "grad-of-another-dtype",
        r"attempting to assign a gradient with dtype '(\w+)' to a tensor with grad_dtype '(\w+)'",
        "A gradient has the dtype of its tensor",
        "The tensor takes a gradient of `{1}`; what was assigned is `{0}`.",
        "Convert it: `.to(w.dtype)`.",
        "notes#accumulate",
        _assigned_grad,
    ),
)
