"""Texts about tensors that leave the graph as numbers, arrays or new tensors; about NaN."""

import ast
import math
from dataclasses import replace

from gradfn.explain.advice.causes import stack_of
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.nan_reasons import ANY_REASON, NAN_REASONS
from gradfn.explain.advice.source import name_of, names_in
from gradfn.model.document import Edit, Explanation, Tensor


def _detached_first(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_at(text.line, "numpy"):
        if isinstance(call.func, ast.Attribute):
            owner = call.func.value
            edit = source.replaced(owner, source.operand(owner) + ".detach()")
            return replace(text.explanation, edits=(edit,))
    return _from_a_list(text) or replace(text.explanation, edits=_arguments_detached(text))


def _from_a_list(text: Text) -> Explanation | None:
    """`plt.plot(history)`, where tensors were appended to the list."""
    source = text.case.source
    statement = source.statement(text.line)
    read = {
        source.text(each)
        for each in (ast.walk(statement) if statement is not None else ())
        if isinstance(each, ast.Name | ast.Subscript | ast.Attribute)
    }
    for call in source.calls_of("append"):
        listed = source.text(call.func).removesuffix(".append")
        given = call.args[0] if len(call.args) == 1 else None
        tensor = text.case.named.get(given.id) if isinstance(given, ast.Name) else None
        if listed not in read or given is None or tensor is None or tensor.grad_fn is None:
            continue
        number = f"{source.text(given)}.item()"
        return replace(
            text.explanation,
            why=f"Line {call.lineno} appends tensors with a history to `{listed}`, and NumPy does "
            "not know autograd.",
            fix=f"Append the number instead: `{number}`.",
            line=call.lineno,
            tensors=(tensor.id,),
            edits=(source.replaced(given, number),) if _is_number(tensor) else (),
        )
    return None


def _is_number(tensor: Tensor) -> bool:
    return tensor.value is not None and math.prod(tensor.value.shape) == 1


def _arguments_detached(text: Text) -> tuple[Edit, ...]:
    """`np.array(w.detach())`, `plt.plot(x, y.detach())`: of the one argument that has a history."""
    source = text.case.source
    statement = source.statement(text.line)
    calls = (
        [each for each in ast.walk(statement) if isinstance(each, ast.Call)] if statement else []
    )
    found = [
        each
        for call in calls
        if source.text(call.func).split(".")[0] in ("np", "numpy", "plt", "ax")
        for each in call.args
        if any(
            (tensor := text.case.named.get(name)) is not None and tensor.requires_grad
            for name in names_in(each)
        )
    ]
    if len(found) != 1:
        return ()
    return (source.replaced(found[0], source.operand(found[0]) + ".detach()"),)


def _scalar(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_at(text.line):
        takes = name_of(call) in ("tensor", "float", "int", "complex")
        takes = takes or source.text(call.func).startswith("math.")
        if len(call.args) != 1 or not takes:
            continue
        if name_of(call) == "tensor" and isinstance(call.args[0], ast.List | ast.Tuple):
            stacked = stack_of(source, call.args[0])
            edits = (source.replaced(call, stacked),) if stacked else ()
            why = "torch.tensor() takes the numbers out of the tensors: the result has no history."
            fix = "Use `torch.stack(…)`, which keeps it."
            return replace(text.explanation, why=why, fix=fix, line=text.line, edits=edits)
        if name_of(call) != "tensor":
            edit = source.replaced(call.args[0], source.operand(call.args[0]) + ".detach()")
            return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def _copied(text: Text) -> Explanation:
    source = text.case.source
    for call in source.calls_at(text.line, "tensor", "as_tensor", "new_tensor"):
        if len(call.args) != 1:
            continue
        given = source.operand(call.args[0])
        again = any(
            k.arg == "requires_grad" and source.text(k.value) == "True" for k in call.keywords
        )
        more = ".requires_grad_(True)" if again else ""
        edit = source.replaced(call, f"{given}.detach().clone(){more}")
        return replace(text.explanation, line=text.line, edits=(edit,))
    return text.explanation


def _nan_made(text: Text) -> Explanation:
    case = text.case
    made = [each for each in case.document.graph.functions if each.name == text.groups[0]]
    function = made[-1] if made else None
    if function is None or function.line is None:
        return text.explanation
    reason, fix = NAN_REASONS.get(function.name, ANY_REASON)
    explained = replace(
        text.explanation,
        why=f"The backward pass through {case.place(function)} gave NaN: {reason}.",
        fix=fix,
        line=function.line,
        functions=(function.id,),
    )
    for call in case.source.calls_at(function.line, "sqrt", "log"):
        if call.args:
            given = call.args[0]
        elif isinstance(call.func, ast.Attribute):
            given = call.func.value
        else:
            continue
        simple = isinstance(given, ast.Name) and bool(call.args)
        text_of = case.source.text(given)
        edit = case.source.replaced(given, f"{text_of} + 1e-8" if simple else f"({text_of} + 1e-8)")
        return replace(explained, edits=(edit,))
    return explained


MESSAGES = (
    Message(
        "numpy-of-graph",
        r"Can't call numpy\(\) on Tensor that requires grad",
        "A NumPy array has no history",
        "NumPy does not know autograd, so PyTorch asks you to detach the tensor first.",
        "Write `.detach().numpy()`. What is computed from the array gets no gradient.",
        "notes#detach",
        _detached_first,
    ),
    Message(
        "scalar-of-graph",
        r"Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior",
        "A tensor became a plain number, without its history",
        "What is computed from the number gets no gradient.",
        "To print or to plot, call `.detach()` first. In the computation of the loss, keep the "
        "tensor.",
        "notes#detach",
        _scalar,
    ),
    Message(
        "tensor-of-tensor",
        r"To copy construct from a tensor, it is recommended to use",
        "torch.tensor() of a tensor is a copy without history",
        "The copy is a new leaf: no gradient goes from it to the tensor it was copied from.",
        "Use `.detach().clone()` for a copy, or the tensor itself to keep the history.",
        "notes#detach",
        _copied,
    ),
    Message(
        "nan-in-backward",
        r"Function '(\w+)' returned nan values in its (\d+)th output",
        "A derivative is NaN",
        "The backward pass through `{0}` gave NaN: its derivative at this value is infinite or "
        "undefined, as that of sqrt or log at 0.",
        "Keep the input away from such values, for example by `(x + 1e-8).sqrt()`.",
        "using#nan",
        _nan_made,
    ),
    Message(
        "error-in-backward",
        r"Error detected in (\w+)\. (?:Traceback of forward call that caused the error|No "
        r"forward pass information)",
        "Anomaly mode shows where the function was made",
        "The backward pass failed in `{0}`; the traceback is that of the forward pass.",
        "See the error itself for its cause.",
        "using#nan",
    ),
    Message(
        "truth-of-many",
        r"Boolean value of Tensor with more than one value is ambiguous",
        "A tensor of several elements is neither true nor false",
        "`if` needs one answer, and a comparison of tensors gives one for each element.",
        "Choose one: `.any()` or `.all()`; to choose element by element, `torch.where`.",
        "notes#detach",
    ),
    Message(
        "none-attribute",
        r"^'NoneType' object has no attribute '(\w+)'",
        "This is None",
        "What stands before `.{0}` is None: a function without `return` gives it, and so "
        "does what has not been computed yet, as `.grad` before the first backward pass.",
        "Print what stands before the dot, and look where it is bound.",
        "notes#leaves",
    ),
    Message(
        "none-subscript",
        r"^'NoneType' object (?:is not subscriptable|does not support item assignment)",
        "This is None",
        "What stands before the bracket is None: a function without `return` gives it.",
        "Print it, and look where it is bound.",
        "notes#leaves",
    ),
    Message(
        "none-operand",
        r"unsupported operand type\(s\) for (\S+): (?:'NoneType' and '\w+'|'\w+' and "
        r"'NoneType')",
        "One side is None",
        "An operand of `{0}` is None: a function without `return` gives it, and so does "
        "`.grad` before the first backward pass.",
        "Print both sides.",
        "notes#leaves",
    ),
)
