"""Texts about `requires_grad`: where it can be set, and what asks for it."""

import ast
from dataclasses import replace

from gradfn.explain.advice.causes import leaf_again
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import FACTORIES, names_in
from gradfn.model.document import Explanation


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
                why=f"`{name}` is the result of {case.origin(tensor)}, so it is "
                "not a leaf: its value is computed from other tensors.",
                line=tensor.line,
                tensors=(tensor.id,),
                functions=(tensor.grad_fn,) if tensor.grad_fn else (),
                edits=leaf_again(case, tensor.line),
            )
    return text.explanation


def _deepcopied(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_of("weight_norm"):
        name = source.text(call.func)
        if "parametrizations" not in name and name.endswith("utils.weight_norm"):
            new = name.replace("utils.weight_norm", "utils.parametrizations.weight_norm")
            return replace(
                text.explanation,
                why=f"Line {call.lineno} uses the old `weight_norm`, which keeps the computed "
                "weight as an ordinary tensor in the module.",
                fix="Use `torch.nn.utils.parametrizations.weight_norm`.",
                line=call.lineno,
                edits=(source.replaced(call.func, new),),
            )
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
        "integers-require-grad",
        r"[oO]nly Tensors of floating point (?:and complex )?dtype can require gradients",
        "Integers have no derivative",
        "A derivative says what a small change does, and an integer or a bool cannot change "
        "by a small amount.",
        "Write `1.0` instead of `1`, or pass `dtype=torch.float32`.",
        "gradients#two-ways",
        _to_float,
    ),
    Message(
        "requires-grad-of-computed",
        r"you can only change requires_grad flags of leaf variables",
        "requires_grad of a computed tensor cannot be changed",
        "It is the result of an operation on tensors that require grad, so it requires grad as "
        "well.",
        "To continue without its history, use `y = y.detach()`.",
        "notes#detach",
        _flag_of_computed,
    ),
    Message(
        "retain-grad-of-constant",
        r"can't retain_grad on Tensor that has requires_grad=False",
        "This tensor gets no gradient that could be retained",
        "The tensor does not require grad, so no backward pass reaches it.",
        "Let it, or what it is made from, require grad.",
        "notes#leaves",
        _before_use,
    ),
    Message(
        "hook-on-constant",
        r"cannot register a hook on a tensor that doesn't require gradient",
        "A hook on a tensor that gets no gradient",
        "The hook would be called with the gradient, and this tensor does not require grad.",
        "Let it, or what it is made from, require grad.",
        "notes#leaves",
        _before_use,
    ),
    Message(
        "optimizing-a-non-leaf",
        r"can't optimize a non-leaf Tensor",
        "An optimizer can only change leaves",
        "The tensor is the result of an operation: changing it would not change what it was "
        "computed from.",
        "Do the operation first and then `.requires_grad_()`, so that the result is the leaf.",
        "notes#leaves",
        _non_leaf_optimized,
    ),
    Message(
        "deepcopy-of-non-leaf",
        r"Only Tensors created explicitly by the user \(graph leaves\) support the deepcopy",
        "Only leaves can be copied with deepcopy",
        "A copy of a computed tensor would need a copy of the graph behind it. A module or a "
        "list may contain one, for example an output kept in an attribute.",
        "Copy the value: `y.detach().clone()`.",
        "notes#leaves",
        _deepcopied,
    ),
    Message(
        "graph-across-processes",
        r"Cowardly refusing to serialize non-leaf tensor which requires_grad",
        "A graph cannot go to another process",
        "The tensor has a history, which exists in this process only.",
        "Send the value only: `y.detach()`.",
        "notes#detach",
    ),
)
