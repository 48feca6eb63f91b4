"""Texts about leaves, `.grad` and requires_grad."""

import ast
from dataclasses import replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.messages import Message, Text
from gradfn.explain.advice.program import FACTORIES, names_in
from gradfn.model.document import Edit, Explanation, Tensor


def _leaf_again(case: Case, line: int | None) -> tuple[Edit, ...]:
    """`(torch.randn(2) * 0.01).requires_grad_()`, where that flag was set before the operation."""
    source = case.source
    statement = source.statement(line)
    if not isinstance(statement, ast.Assign) or isinstance(statement.value, ast.Name):
        return ()
    for call in source.calls_at(line, *FACTORIES):
        if call is statement.value:
            continue
        for keyword in call.keywords:
            if keyword.arg == "requires_grad":
                given = [source.text(each) for each in call.args] + [
                    f"{each.arg}={source.text(each.value)}"
                    for each in call.keywords
                    if each is not keyword
                ]
                made = f"{source.text(call.func)}({', '.join(given)})"
                whole = source.text(statement.value).replace(source.text(call), made, 1)
                wraps = isinstance(statement.value, ast.Call)
                text = f"{whole}.requires_grad_()" if wraps else f"({whole}).requires_grad_()"
                return (source.replaced(statement.value, text),)
    return ()


def _grad_of_non_leaf(text: Text) -> Explanation:
    case, line = text.case, text.line
    owner = _owner_of_grad(case, line)
    tensor = case.named.get(owner) if owner else None
    if owner is None or tensor is None or line is None:
        return text.explanation
    again = _leaf_again(case, tensor.line)
    backward = [each.line for each in case.document.backward if each.line is not None]
    first = min(backward, default=line)
    kept = (case.source.before(min(first, line), f"{owner}.retain_grad()"),)
    made = case.place(case.functions.get(tensor.grad_fn or ""))
    return replace(
        text.explanation,
        why=f"Line {line} reads `{owner}.grad`, and backward() fills `.grad` of leaves only. "
        f"`{owner}` is not one: it came out of {made}. Its gradient was used on the way and "
        f"dropped.",
        line=tensor.line or line,
        tensors=(tensor.id,),
        functions=(tensor.grad_fn,) if tensor.grad_fn else (),
        edits=again or kept,
    )


def _made_by(case: Case, tensor: Tensor) -> str:
    return case.place(case.functions.get(tensor.grad_fn or ""))


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
        if tensor is not None and (not tensor.is_leaf or tensor.grad is None):
            return name
    return None


def _grad_is_none(text: Text) -> Explanation | None:
    """Which of the reasons for a missing gradient it is."""
    case, line = text.case, text.line
    owner = _owner_of_grad(case, line)
    tensor = case.named.get(owner) if owner else None
    if owner is None or tensor is None or line is None:
        return None
    told = replace(text.explanation, tensors=(tensor.id,), line=tensor.line)
    if not tensor.requires_grad:
        edit = case.source.requiring_grad(owner)
        return replace(
            told,
            why=f"`{owner}` does not require grad, so autograd did not follow it.",
            fix="Make it with `requires_grad=True`.",
            edits=(edit,) if edit else (),
        )
    if not tensor.is_leaf:
        return replace(
            told,
            why=f"`{owner}` came out of {_made_by(case, tensor)}: it is "
            "not a leaf, and backward() fills `.grad` of leaves only.",
            fix="Update inside `with torch.no_grad():` and in place, so that it stays a leaf; or "
            "call `.retain_grad()` before backward().",
            edits=_leaf_again(case, tensor.line),
        )
    cleared = [
        e
        for e in case.document.training
        if e.kind == "zero_grad" and any(c.tensor == tensor.id for c in e.changed)
    ]
    accumulated = any(tensor.id in one.accumulated_into for one in case.document.backward)
    if cleared and accumulated:
        return replace(
            told,
            why=f"Line {cleared[-1].line} cleared the gradients: zero_grad() sets them to None.",
            fix="Read `.grad` before clearing it.",
            line=cleared[-1].line,
        )
    if not case.document.backward:
        return replace(
            told,
            why="No backward pass has run, and only that fills `.grad`.",
            fix="Call backward() on the loss first.",
        )
    return replace(
        told,
        why=f"The backward pass did not come by `{owner}`: no path of the graph leads from "
        f"its root there.",
        fix=f"Look where the way from `{owner}` to the loss is cut, or whether it is used at all.",
    )


def _before_use(text: Text) -> Explanation:
    """`x.requires_grad_()` before the line."""
    case, line = text.case, text.line
    for call in case.source.calls_at(line, "retain_grad", "register_hook"):
        if (
            line is not None
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
        ):
            name = call.func.value.id
            edit = case.source.requiring_grad(name) or case.source.before(
                line, f"{name}.requires_grad_()"
            )
            tensor = case.named.get(name)
            return replace(
                text.explanation,
                line=tensor.line if tensor else line,
                tensors=(tensor.id,) if tensor else (),
                edits=(edit,),
            )
    return text.explanation


def _to_float(text: Text) -> Explanation:
    case, line = text.case, text.line
    source = case.source
    parameters = source.calls_at(line, "Parameter")
    for call in source.calls_at(line, *FACTORIES):
        if parameters or any(each.arg == "requires_grad" for each in call.keywords):
            edit = source.with_keyword(call, "dtype", "torch.float32")
            return replace(text.explanation, line=line, edits=(edit,))
    name = _flagged(source.statement(line))
    if name is None or line is None:
        return text.explanation
    tensor = case.named.get(name)
    return replace(
        text.explanation,
        line=tensor.line if tensor else line,
        tensors=(tensor.id,) if tensor else (),
        edits=(source.before(line, f"{name} = {name}.float()"),),
    )


def _flagged(statement: ast.stmt | None) -> str | None:
    """The name whose requires_grad the statement sets."""
    match statement:
        case (
            ast.Assign(targets=[ast.Attribute(attr="requires_grad", value=ast.Name(id=name))])
            | ast.Expr(
                value=ast.Call(func=ast.Attribute(attr="requires_grad_", value=ast.Name(id=name)))
            )
        ):
            return name
        case _:
            return None


def _flag_of_computed(text: Text) -> Explanation:
    case, line = text.case, text.line
    statement = case.source.statement(line)
    name = _flagged(statement)
    if name is None or statement is None:
        return text.explanation
    tensor = case.named.get(name)
    return replace(
        text.explanation,
        line=tensor.line if tensor else line,
        tensors=(tensor.id,) if tensor else (),
        edits=(case.source.replaced(statement, f"{name} = {name}.detach()"),),
    )


def _non_leaf_optimized(text: Text) -> Explanation:
    case, line = text.case, text.line
    statement = case.source.statement(line)
    for name in sorted(names_in(statement)) if statement is not None else ():
        tensor = case.named.get(name)
        if tensor is not None and not tensor.is_leaf:
            return replace(
                text.explanation,
                why=f"`{name}` came out of {_made_by(case, tensor)}, so it is "
                "not a leaf: its value is worked out anew from what it was made of.",
                line=tensor.line,
                tensors=(tensor.id,),
                functions=(tensor.grad_fn,) if tensor.grad_fn else (),
                edits=_leaf_again(case, tensor.line),
            )
    return text.explanation


def _assigned_grad(text: Text) -> Explanation:
    statement = text.case.source.statement(text.line)
    match statement:
        case ast.Assign(targets=[ast.Attribute(attr="grad", value=ast.Name(id=name))], value=value):
            edit = text.case.source.replaced(
                value, f"({text.case.source.text(value)}).to({name}.dtype)"
            )
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def _deepcopied(text: Text) -> Explanation:
    tensors = {each.name for each in text.case.document.variables if each.kind == "tensor"}
    for call in text.case.source.calls_at(text.line, "deepcopy"):
        if call.args and (
            text.case.source.text(call.args[0]) in tensors
            or isinstance(call.args[0], ast.BinOp | ast.Call)
        ):
            copied = text.case.source.operand(call.args[0])
            edit = text.case.source.replaced(call.args[0], copied + ".detach()")
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


MESSAGES = (
    Message(
        "non-leaf-grad",
        r"The \.grad attribute of a Tensor that is not a leaf Tensor",
        "`.grad` of a tensor that is not a leaf",
        "backward() fills `.grad` of leaves only: of the tensors you made with "
        "requires_grad=True. This one came out of an operation, so its gradient was used "
        "on the way and dropped, and `.grad` is None.",
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
        "PyTorch has no gradient to give, which is not the same as zero.",
        "Look whether the tensor is a leaf that requires grad and that the loss depends on.",
        "notes#leaves",
        _grad_is_none,
    ),
    Message(
        "integers-require-grad",
        r"[oO]nly Tensors of floating point (?:and complex )?dtype can require gradients",
        "Integers have no derivative",
        "A derivative asks what a small change does, and an integer or a bool has no "
        "small changes.",
        "Write `1.0` instead of `1`, or say `dtype=torch.float32`.",
        "gradients#two-ways",
        _to_float,
    ),
    Message(
        "requires-grad-of-computed",
        r"you can only change requires_grad flags of leaf variables",
        "requires_grad of a computed tensor cannot be changed",
        "It came out of an operation on tensors that require grad, and so requires grad as well.",
        "To go on without its history, take `y = y.detach()`.",
        "notes#detach",
        _flag_of_computed,
    ),
    Message(
        "retain-grad-of-constant",
        r"can't retain_grad on Tensor that has requires_grad=False",
        "There will be no gradient to retain",
        "The tensor does not require grad, so no backward pass comes by it.",
        "Let it, or what it is made from, require grad.",
        "notes#leaves",
        _before_use,
    ),
    Message(
        "hook-on-constant",
        r"cannot register a hook on a tensor that doesn't require gradient",
        "A hook on a tensor that no gradient reaches",
        "The hook would be called with the gradient, and this tensor does not require grad.",
        "Let it, or what it is made from, require grad.",
        "notes#leaves",
        _before_use,
    ),
    Message(
        "optimizing-a-non-leaf",
        r"can't optimize a non-leaf Tensor",
        "An optimizer can only change leaves",
        "The tensor came out of an operation: changing it would not change what it is made of.",
        "Do the operation first and then `.requires_grad_()`, so that the result is the leaf.",
        "notes#leaves",
        _non_leaf_optimized,
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
    Message(
        "deepcopy-of-non-leaf",
        r"Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy",
        "Only leaves can be copied with deepcopy",
        "A copy of a computed tensor would need a copy of the graph behind it. In a module or a "
        "list it may be one that was kept there, as an output in an attribute.",
        "Copy the value: `y.detach().clone()`.",
        "notes#leaves",
        _deepcopied,
    ),
    Message(
        "graph-across-processes",
        r"Cowardly refusing to serialize non-leaf tensor which requires_grad",
        "A graph cannot go to another process",
        "The tensor has a history, which lives in this process alone.",
        "Send the value: `y.detach()`.",
        "notes#detach",
    ),
)
