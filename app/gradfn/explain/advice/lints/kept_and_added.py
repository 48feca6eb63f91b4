"""What is added to a loss without a graph, and losses that are kept with theirs."""

import ast
from collections.abc import Iterator

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.source import bound_by, keyword_of, name_of, names_in
from gradfn.model.document import Diagnostic

_OF_A_PENALTY = frozenset(("mean", "sum", "norm", "pow", "square", "vector_norm"))


def penalty_without_graph(case: Case) -> Iterator[Diagnostic]:
    """A gradient penalty from `autograd.grad()` without `create_graph`: a constant."""
    if case.document.status != "finished":
        return
    lines = {one.line for one in case.document.backward if one.call == "backward"}
    feeding = {id(each) for line in lines for each in case.source.feeding(line)}
    for call in case.source.calls_of("grad"):
        made = case.source.statement(call.lineno)
        if made is None or keyword_of(call, "create_graph") or id(made) not in feeding:
            continue
        if not case.source.text(call.func).endswith(("autograd.grad", "grad")):
            continue
        slopes = bound_by(made)
        if not slopes or not _is_added(case, slopes, feeding):
            continue
        yield Diagnostic(
            "penalty-without-graph", "warning", call.lineno,
            "The gradient penalty is a constant",
            "This gradient was computed without a graph, so what is computed from it and added to "
            "the loss is a constant: it changes the loss and no gradient.",
            "Pass `create_graph=True`.",
            edits=(case.source.with_keyword(call, "create_graph", "True"),),
            guide="gradients#second",
        )  # fmt: skip
        return


def _is_added(case: Case, slopes: set[str], feeding: set[int]) -> bool:
    """Whether a norm or mean of the gradients is a summand in what a backward pass depends on."""
    penalties = {
        name
        for each in case.source.statements
        if id(each) in feeding and isinstance(each, ast.Assign) and _measures(each.value, slopes)
        for name in bound_by(each)
    }
    functions = {
        each.name
        for each in case.source.statements
        if isinstance(each, ast.FunctionDef)
        for part in ast.walk(each)
        if isinstance(part, ast.Return)
        and part.value is not None
        and (_measures(part.value, slopes) or names_in(part) & penalties)
    }
    for each in case.source.statements:
        if id(each) not in feeding or not isinstance(each, ast.Assign | ast.AugAssign):
            continue
        added = isinstance(each, ast.AugAssign) and isinstance(each.op, ast.Add)
        for term in _terms(each.value, added):
            known = {part.id for part in ast.walk(term) if isinstance(part, ast.Name)}
            if known & (penalties | functions) or _measures(term, slopes):
                return True
    return False


def _measures(node: ast.expr, slopes: set[str]) -> bool:
    """`((slope.norm(dim=1) - 1) ** 2).mean()`: a number of the gradients alone."""
    return (
        isinstance(node, ast.Call | ast.BinOp)
        and bool(names_in(node) & slopes)
        and any(
            (isinstance(each, ast.Call) and name_of(each) in _OF_A_PENALTY)
            or (isinstance(each, ast.BinOp) and isinstance(each.op, ast.Pow))
            for each in ast.walk(node)
        )
    )


def _terms(node: ast.expr, added: bool) -> Iterator[ast.expr]:
    """The summands of a sum, and what a statement adds by `+=`."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Add | ast.Sub):
            added = True
            pending += [each.left, each.right]
        elif added:
            yield each


def losses_kept(case: Case) -> Iterator[Diagnostic]:
    """`history.append(loss)` of the very loss that a backward pass of the loop began from."""
    for call in case.source.calls_of("append"):
        loop = case.source.loop_around(call.lineno)
        given = call.args[0] if len(call.args) == 1 else None
        if loop is None or not isinstance(given, ast.Name):
            continue
        last = loop.end_lineno or 0
        backward = [
            each
            for each in case.source.calls_of("backward")
            if loop.lineno < each.lineno <= last
            and isinstance(each.func, ast.Attribute)
            and case.source.text(each.func.value) == given.id
        ]
        ran = {one.line for one in case.document.backward}
        if not any(each.lineno in ran for each in backward):
            continue
        tensor = case.named.get(given.id)
        if tensor is None or tensor.grad_fn is None:
            continue
        listed = case.source.text(call.func).removesuffix(".append")
        yield Diagnostic(
            "losses-kept", "info", call.lineno, f"`{listed}` keeps tensors with their history",
            f"`{given.id}` is a tensor with a history. The list keeps the graph of each iteration "
            "in memory, and it cannot be plotted or converted to NumPy as it is.",
            f"Append the number: `{given.id}.item()`.",
            tensors=(tensor.id,), functions=(tensor.grad_fn,),
            edits=(case.source.replaced(given, f"{given.id}.item()"),)
            if _is_only_read(case, listed) else (), guide="notes#accumulate",
        )  # fmt: skip
        return


def _is_only_read(case: Case, listed: str) -> bool:
    """Whether nothing in the program needs tensors in the list."""
    code = "\n".join(case.source.lines)
    return not any(
        f"{word}{listed}" in code for word in ("stack(", "cat(", "tensor(", "in ", "stack([")
    ) and not any(f"{listed}{tail}" in code for tail in ("[-1].", "[0].", "[i]."))


LINTS = (penalty_without_graph, losses_kept)
