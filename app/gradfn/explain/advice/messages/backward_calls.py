"""Texts of backward() and autograd.grad(): where to begin, with what, and how often."""

import ast
from dataclasses import replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.causes import derivative_feeding
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import bound_by, name_of, names_in
from gradfn.model.document import Explanation


def _summed(text: Text) -> Explanation:
    case = text.case
    root = case.own[-1].roots[0] if case.own and case.own[-1].roots else None
    explained = replace(text.explanation, tensors=(root,) if root else ())
    for call in case.source.calls_at(text.line, "backward", "grad"):
        node = _differentiated(case, call)
        if node is not None:
            more = ".real.sum()" if text.groups and "complex" in text.groups[0] else ".sum()"
            edit = case.source.replaced(node, case.source.operand(node) + more)
            return replace(explained, edits=(edit,))
    return explained


def _differentiated(case: Case, call: ast.Call) -> ast.expr | None:
    """`y` in `y.backward()`, `autograd.grad(y, x)` and `autograd.backward(y)`; None of several."""
    if isinstance(call.func, ast.Attribute) and not case.source.text(call.func).endswith(
        ("autograd.backward", "autograd.grad")
    ):
        return call.func.value
    first = call.args[0] if call.args else None
    return None if isinstance(first, ast.List | ast.Tuple) else first


def _seed(text: Text) -> Explanation:
    case = text.case
    for call in case.source.calls_at(text.line, "backward", "grad"):
        node = _differentiated(case, call)
        method = isinstance(call.func, ast.Attribute) and call.func.value is node
        given = call.args[0 if method else 2 if name_of(call) == "grad" else 1 :]
        given += [k.value for k in call.keywords if k.arg in _SEEDS]
        if node is not None and given:
            edit = case.source.replaced(given[0], f"torch.ones_like({case.source.text(node)})")
            return replace(text.explanation, edits=(edit,))
    return text.explanation


_SEEDS = ("gradient", "grad_outputs", "grad_tensors")


def _unused(text: Text) -> Explanation:
    case, explained = text.case, text.explanation
    for call in case.source.calls_at(text.line, "grad"):
        inputs = _inputs(call)
        nr = int(text.groups[0] or 0)
        name = case.source.text(inputs[nr]) if nr < len(inputs) else "the input"
        tensor = case.named.get(name)
        explained = replace(explained, tensors=(tensor.id,) if tensor else ())
        first = derivative_feeding(case.source, text.line)
        if first is not None and _differentiates(case, call, first, name):
            zeros = case.source.with_keyword(call, "materialize_grads", "True")
            return replace(
                explained,
                title="The first derivative does not depend on the input",
                why=f"Line {first.lineno} computed a derivative that does not depend on `{name}`, "
                "as that of a linear function or of a network without activations. The next "
                "derivative is therefore 0.",
                fix="Pass `materialize_grads=True` to get zeros.",
                line=first.lineno,
                edits=(zeros,),
                guide="/guide/gradients#second",
            )
        edit = case.source.with_keyword(call, "allow_unused", "True")
        why = (
            f"There is no path in the graph from the output to `{name}`, so there is no "
            "derivative, not even zero."
        )
        return replace(explained, why=why, edits=(edit,))
    return explained


def _differentiates(case: Case, call: ast.Call, first: ast.Call, name: str) -> bool:
    """Whether a call asks for the derivative of an earlier derivative, by the same input."""
    made = case.source.statement(first.lineno)
    outputs = call.args[0] if call.args else None
    if made is None or outputs is None:
        return False
    same = any(case.source.text(each) == name for each in _inputs(first))
    return same and bool(names_in(outputs) & bound_by(made))


def _inputs(call: ast.Call) -> list[ast.expr]:
    """The inputs of `autograd.grad(outputs, inputs)`."""
    given = [each.value for each in call.keywords if each.arg == "inputs"] + call.args[1:2]
    if not given:
        return []
    return list(given[0].elts) if isinstance(given[0], ast.List | ast.Tuple) else given[:1]


def _input_without_grad(text: Text) -> Explanation:
    """Which of the inputs it is: by its tensor, or the only one there is."""
    case, source = text.case, text.case.source
    for call in source.calls_at(text.line, "grad"):
        inputs = [each for each in _inputs(call) if isinstance(each, ast.Name)]
        plain = [
            each
            for each in inputs
            if (known := case.named.get(each.id)) is not None and not known.requires_grad
        ]
        chosen = plain[:1] or (inputs if len(inputs) == 1 else [])
        for each in chosen:
            return _made_without_flag(text, each.id)
    return text.explanation


def _made_without_flag(text: Text, name: str) -> Explanation:
    case, source = text.case, text.case.source
    statement = source.statement(text.line)
    reaching = source.reaching(name, statement) if statement is not None else []
    tensor = case.named.get(name)
    explained = replace(
        text.explanation,
        why=f"`{name}` does not require grad, so nothing that was computed from it was recorded.",
        tensors=(tensor.id,) if tensor is not None else (),
    )
    if len(reaching) != 1 or not isinstance(made := reaching[0], ast.Assign):
        return replace(explained, line=tensor.line if tensor else text.line)
    edit = source.requiring_grad(name) or source.after(made.lineno, f"{name}.requires_grad_()")
    return replace(
        explained,
        fix=f"Call `{name}.requires_grad_()` before it is used.",
        line=made.lineno,
        edits=(edit,),
    )


MESSAGES = (
    Message(
        "not-a-scalar",
        r"grad can be implicitly created only for (scalar outputs|real scalar outputs but "
        r"got torch\.complex\d*)",
        "backward() needs a single number or a vector v to start from",
        "A tensor of several elements, or a complex one, has no single gradient: backward() "
        "computes vᵀ·J, and v is 1 by default only for a single real number.",
        "Reduce it to a number with `.sum()` or `.mean()`, or pass v: "
        "`backward(torch.ones_like(y))`.",
        "jacobian",
        _summed,
    ),
    Message(
        "seed-of-another-shape",
        r"Mismatch in shape: grad_output\[(\d+)\] has a shape of torch\.Size\((.*?)\) and "
        r"output\[\d+\] has a shape of torch\.Size\((.*?)\)",
        "v has another shape than the tensor",
        "In vᵀ·J there is one element of v for each element of the output: v has the shape {1}, "
        "the output {2}.",
        "Give v the shape of the output.",
        "jacobian",
        _seed,
    ),
    Message(
        "input-not-used",
        r"The differentiated Tensor at index (\d+) appears to not have been used in the graph|"
        r"One of the differentiated Tensors appears to not have been used in the graph",
        "The output does not depend on one of the inputs",
        "There is no path in the graph from the output to the input at index {0}, so there is no "
        "derivative, not even zero.",
        "Pass `allow_unused=True` to get None for it, or find where the path was cut.",
        "gradients#two-ways",
        _unused,
    ),
    Message(
        "input-without-grad",
        r"One of the differentiated Tensors does not require grad",
        "The gradient of a tensor that does not require grad",
        "autograd.grad() was asked for the gradient of a tensor that autograd does not track.",
        "Make it with `requires_grad=True`, before it is used.",
        "gradients#two-ways",
        _input_without_grad,
    ),
    Message(
        "create-graph-cycle",
        r"Using backward\(\) with create_graph=True will create a reference cycle",
        "backward(create_graph=True) keeps its own graph alive",
        "The gradient that it stores in `.grad` has a graph that refers to the leaf, and the leaf "
        "refers to the gradient: neither is freed.",
        "Use `torch.autograd.grad(…, create_graph=True)`, or set `.grad = None` afterwards.",
        "gradients#second",
    ),
)
