"""Histories that were cut before the loss, and gradients that are missing because of it."""

import ast
from collections.abc import Iterator

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.causes import cut_edit, cuts_feeding, samples_feeding
from gradfn.explain.advice.messages import explain_text
from gradfn.explain.advice.source import bound_by, name_of, names_in
from gradfn.model.document import Diagnostic
from gradfn.model.recording import Cut, CutReason

LOOKED_AT = 50  # lines with a backward pass, the last ones
_WORDS: dict[CutReason, tuple[str, str, str]] = {
    "number": (
        "cut-by-number",
        "A number without history is used in the loss",
        "`.item()` and `float()` give a plain number, which has no history",
    ),
    "data": (
        "cut-by-data",
        "`.data` cuts the path to the loss",
        "`.data` has the same values without history",
    ),
    "detach": (
        "cut-by-numpy",
        "A conversion to NumPy cuts the path to the loss",
        "An array has no history, and neither has what is computed from it",
    ),
    "no_derivative": (
        "cut-by-no-derivative",
        "An operation without derivative is on the path to the loss",
        "Its result does not depend on its input in a differentiable way",
    ),
}


def cut_on_the_way(case: Case) -> Iterator[Diagnostic]:
    """Only histories that no backward pass used; others were cut on purpose."""
    if case.document.status != "finished":
        return
    told = set()
    last = {one.line or 0: one.step for one in case.document.backward}
    for line in sorted(last)[-LOOKED_AT:]:
        for cut in cuts_feeding(case, line, tuple(_WORDS)):
            if (cut.reason, cut.span) in told or not _lost(case, cut):
                continue
            if (cut.step or 0) > (last[line] or 0):
                continue  # it was cut after the last pass that could have used it
            if cut.reason == "detach" and not case.source.calls_at(cut.span.line, "numpy"):
                continue  # it says what it does
            if cut.reason == "no_derivative" and _only_chooses(case, cut):
                continue
            if cut.reason == "data" and _goes_on_without_history(case, cut):
                continue
            told.add((cut.reason, cut.span))
            id, title, why = _WORDS[cut.reason]
            edit = cut_edit(case, cut) if cut.reason != "detach" else None
            code = " ".join(cut.code.split())[:60]
            name = f"`{cut.name}`" if cut.name else "what it was taken from"
            yield Diagnostic(
                id, "warning", cut.span.line, title,
                f"{why}: no gradient goes back through `{code}` to {name}.",
                "Use the tensor itself; to show that the cut is intended, write `.detach()`.",
                tensors=(cut.tensor,) if cut.tensor else (),
                functions=(cut.function,) if cut.function else (),
                edits=(edit,) if edit else (), guide="notes#detach",
            )  # fmt: skip


def _goes_on_without_history(case: Case, cut: Cut) -> bool:
    """`hidden = hidden.data`, as in older recurrent programs."""
    statement = case.source.statement(cut.span.line)
    return statement is not None and bool(bound_by(statement) & names_in(statement))


def _only_chooses(case: Case, cut: Cut) -> bool:
    """Whether its result is used as an index only: what it selects has its own path to the loss."""
    chosen = [
        part
        for node in ast.walk(case.source.tree)
        if isinstance(node, ast.Subscript) or (isinstance(node, ast.Call) and name_of(node) in _BY)
        for part in ast.walk(node.slice if isinstance(node, ast.Subscript) else node)
    ]
    if any(isinstance(each, ast.expr) and case.source.span(each) == cut.span for each in chosen):
        return True
    statement = case.source.statement(cut.span.line)
    names = bound_by(statement) if statement is not None else set()
    reads = [
        each
        for each in ast.walk(case.source.tree)
        if isinstance(each, ast.Name) and each.id in names and isinstance(each.ctx, ast.Load)
    ]
    return bool(reads) and {id(each) for each in reads} <= {id(each) for each in chosen}


_BY = frozenset(
    ("gather", "index_select", "take", "take_along_dim", "embedding", "one_hot", "scatter",
     "scatter_", "nll_loss", "cross_entropy", "print", "item", "tolist", "bincount")
)  # fmt: skip


def _lost(case: Case, cut: Cut) -> bool:
    """Whether no backward pass used what was cut off."""
    tensor = case.tensors.get(cut.tensor or "")
    if tensor is not None and tensor.is_leaf:
        return not any(tensor.id in one.accumulated_into for one in case.document.backward)
    return (cut.function or (tensor and tensor.grad_fn)) not in case.passed


def parameters_without_gradient(case: Case) -> Iterator[Diagnostic]:
    """Parameters of a module of which others got a gradient."""
    if case.document.status != "finished" or not case.document.backward:
        return
    reached = {id for one in case.document.backward for id in one.accumulated_into}
    reached |= {case.functions[id].variable or "" for id in case.passed if id in case.functions}
    last = max((one.line or 0 for one in case.document.backward), default=0)
    roots = {name.split(".")[0].split("[")[0] for id in reached for name in case.names(id)}
    held = _held_by_optimizers(case)
    missing = [
        each
        for each in case.document.graph.tensors
        if each.role == "parameter"
        and each.requires_grad
        and each.alive
        and each.names
        and each.id not in reached
        and (each.line or 0) <= last  # one made after all passes may be for a later one
        and (
            each.id in held or any(name.split(".")[0].split("[")[0] in roots for name in each.names)
        )
    ]
    sample = next(
        (each for one in case.document.backward for each in samples_feeding(case.source, one.line)),
        None,
    )
    where = (
        f" `{sample.code}` in line {sample.line} returns a value without history: use "
        "`rsample()`, or the log-probability of the sample."
        if sample
        else ""
    )
    if missing and not any(one.truncated or one.call == "grad" for one in case.document.backward):
        names = ", ".join(f"`{each.names[0]}`" for each in missing[:6])
        yield Diagnostic(
            "parameter-without-gradient", "warning", missing[0].line,
            "Some parameters never got a gradient",
            f"No backward pass reached {names}{' and more' if len(missing) > 6 else ''}: the loss "
            "does not depend on them, so they are never trained." + where,
            "Use them in forward(), or find where the path from them to the loss is cut.",
            tensors=tuple(each.id for each in missing[:20]), guide="using#optimizers",
        )  # fmt: skip


def _held_by_optimizers(case: Case) -> set[str]:
    """The tensors that `optimizer.zero_grad()` cleared, where that optimizer also stepped."""
    steps = {
        each.code.partition(".step(")[0]
        for each in case.document.training
        if each.kind == "optimizer_step"
    }
    return {
        each.tensor
        for event in case.document.training
        if event.kind == "zero_grad" and event.code.removesuffix(".zero_grad()") in steps
        for each in event.changed
        if each.tensor is not None
    }


def gradient_shown_as_none(case: Case) -> Iterator[Diagnostic]:
    """`print(w.grad)` after backward passes none of which reached `w`."""
    passes = case.document.backward
    first = min((one.line or 0 for one in passes), default=0)
    if not first or case.document.status != "finished" or any(o.call == "grad" for o in passes):
        return
    reached = {id for one in passes for id in one.accumulated_into}
    for statement in sorted(case.source.statements, key=lambda each: each.lineno):
        shows = isinstance(statement, ast.Expr) and statement.lineno > first
        shows = shows and "None" in case.document.stdout
        if not shows or any(isinstance(each, ast.Compare) for each in ast.walk(statement)):
            continue
        told = explain_text(case, "'NoneType' object has no attribute 'grad'", statement.lineno)
        tensor = case.tensors.get(told.tensors[0]) if told and told.tensors else None
        if told and tensor and tensor.is_leaf and tensor.id not in reached:
            yield Diagnostic(
                told.id, "info", told.line, told.title, told.why, told.fix,
                tensors=told.tensors, edits=told.edits, guide="notes#leaves",
            )  # fmt: skip
            return


LINTS = (cut_on_the_way, parameters_without_gradient, gradient_shown_as_none)
