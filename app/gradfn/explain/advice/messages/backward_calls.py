"""Texts of backward() and autograd.grad(): where to begin, with what, and how often."""

import ast
from dataclasses import replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import name_of, names_in
from gradfn.model.document import Edit, Explanation
from gradfn.model.recording import BackwardPass


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


def _twice(text: Text) -> Explanation:
    case, line = text.case, text.line
    statement = case.source.statement(line)
    if statement is not None and "._saved_" in case.source.text(statement):
        return _read_after_freeing(text)
    failed, earlier = _same_graph(case)
    if failed is None or earlier is None:
        return text.explanation
    old = {each.function for each in earlier.functions}
    freed = tuple(
        each.id
        for each in case.document.graph.functions
        if each.id in old and any(kept.freed for kept in each.saved)
    )
    explained = replace(text.explanation, line=earlier.line, functions=freed[:20])
    again = _carried(case, failed, old)
    if again is not None:
        name, made = again
        explained = replace(
            explained,
            why=f"Through `{name}`, the graph includes functions of an earlier iteration. The "
            f"backward "
            "pass of that iteration freed what they had saved.",
        )
        loop = case.source.loop_around(line)
        # Carried round the loop, not from one pass of an iteration to the next.
        comes_round = (failed.line or 0) <= (earlier.line or 0)
        inside = loop is not None and made is not None and made > loop.lineno
        if line is not None and comes_round and inside:
            cut = f"{name} = {name}.detach()"
            if name not in case.named and f"{name}[0]" in case.named:
                cut = f"{name} = tuple(each.detach() for each in {name})"
            return replace(
                explained,
                fix=f"Detach it from the earlier graph: `{cut}` after each backward pass. "
                "`retain_graph=True` would keep all earlier graphs in memory.",
                line=made,
                edits=(case.source.after(line, cut),),
            )
    calls = case.source.calls_at(earlier.line, "backward", "grad")
    if not calls:
        return explained
    return replace(
        explained,
        fix=f"Pass `retain_graph=True` in line {earlier.line}, where the graph is needed again. "
        "In a loop, it is better to build the graph again in each iteration.",
        edits=(case.source.with_keyword(calls[0], "retain_graph", "True"),),
    )


def _read_after_freeing(text: Text) -> Explanation:
    """`y.grad_fn._saved_result` after a pass: what it reads was freed by the latest before it."""
    case = text.case
    if not case.document.backward:
        return text.explanation
    earlier = case.document.backward[-1]
    freed = [each.id for each in case.document.graph.functions if any(s.freed for s in each.saved)]
    explained = replace(text.explanation, line=earlier.line, functions=tuple(freed[:20]))
    for call in case.source.calls_at(earlier.line, "backward", "grad"):
        edit = case.source.with_keyword(call, "retain_graph", "True")
        return replace(explained, edits=(edit,))
    return explained


def _same_graph(case: Case) -> tuple[BackwardPass | None, BackwardPass | None]:
    """The pass that failed, and the latest earlier one that freed a part of its graph."""
    if not case.document.backward:
        return None, None
    failed = case.document.backward[-1]
    starts = {case.tensors[id].grad_fn for id in failed.roots if id in case.tensors}
    graph = case.reached(id for id in starts if id is not None)
    for one in reversed(case.document.backward[:-1]):
        shared = {each.function for each in one.functions} & graph
        if any(
            id and case.functions[id].name != "AccumulateGrad"
            for id in shared
            if id in case.functions
        ):
            return failed, one
    return failed, None


def _carried(
    case: Case, failed: BackwardPass, old: set[str | None]
) -> tuple[str, int | None] | None:
    """The name that carries the earlier graph into the new one, and the line that made it."""
    starts = {case.tensors[id].grad_fn for id in failed.roots if id in case.tensors}
    new = case.reached(id for id in starts if id is not None) - {id for id in old if id}
    for function in case.document.graph.functions:
        if function.id not in new:
            continue
        for below in case.below(function.id):
            if below.id not in old or below.name == "AccumulateGrad":
                continue
            current = case.source.statement(function.line)
            names = names_in(current) if current is not None else set()
            for name in sorted(names):
                binding = case.source.binding(name)
                if binding is not None and binding.lineno == below.line:
                    return name, below.line
    return None


def _unused(text: Text) -> Explanation:
    case, explained = text.case, text.explanation
    for call in case.source.calls_at(text.line, "grad"):
        explained = replace(
            explained, edits=(case.source.with_keyword(call, "allow_unused", "True"),)
        )
        inputs = call.args[1] if len(call.args) > 1 else None
        listed = inputs.elts if isinstance(inputs, ast.List | ast.Tuple) else [inputs]
        nr = int(text.groups[0] or 0)
        node = listed[nr] if nr < len(listed) else None
        tensor = case.named.get(case.source.text(node)) if node is not None else None
        if node is not None and tensor is not None:
            why = (
                f"There is no path in the graph from the output to `{case.source.text(node)}`, so "
                "there is no derivative, not even zero."
            )
            return replace(explained, why=why, tensors=(tensor.id,))
    return explained


def _input_without_grad(text: Text) -> Explanation:
    case = text.case
    current = case.source.statement(text.line)
    for name in sorted(names_in(current)) if current is not None else ():
        tensor = case.named.get(name)
        if tensor is not None and not tensor.requires_grad:
            edit = case.source.requiring_grad(name)
            edits: tuple[Edit, ...] = (edit,) if edit else ()
            return replace(
                text.explanation,
                why=f"`{name}` does not require grad, so nothing that was made from it was "
                f"recorded.",
                line=tensor.line,
                tensors=(tensor.id,),
                edits=edits,
            )
    return text.explanation


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
        "backward-twice",
        r"Trying to backward through the graph a second time",
        "This graph was already used by a backward pass",
        "A backward pass frees what the functions had saved for it, so the same graph cannot be "
        "traversed again.",
        "Build the graph again, or pass `retain_graph=True` to the first backward pass.",
        "notes#accumulate",
        _twice,
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
