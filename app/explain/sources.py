"""Where a history was cut on the way to a line, and the edit that keeps it."""

import ast
from collections.abc import Sequence

from app.explain.case import Case
from app.explain.program import name_of
from app.model.document import Edit
from app.model.recording import Cut, CutReason

EVERY: tuple[CutReason, ...] = (
    "detach", "data", "no_grad", "inference_mode", "number", "numpy", "new_tensor", "dtype",
    "no_derivative",
)  # fmt: skip


def cuts_feeding(case: Case, line: int | None, reasons: Sequence[CutReason] = EVERY) -> list[Cut]:
    """The cuts in statements that a line depends on, in the order in which they happened."""
    cuts = [each for each in case.document.cuts if each.reason in reasons]
    if not cuts:
        return []
    feeding = [
        (each.lineno, each.end_lineno or each.lineno)
        for each in case.source.feeding(line)
        if not isinstance(
            each, ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.With | ast.If
        )
    ]
    found = [cut for cut in cuts if any(first <= cut.span.line <= last for first, last in feeding)]
    return sorted(found, key=lambda cut: cut.step or 0)


def cut_edit(case: Case, cut: Cut) -> Edit | None:
    """The same expression without the cut, where one is plain to see."""
    node = _node_at(case, cut)
    source = case.source
    if node is not None and any(
        call is not node and name_of(call) in ("tensor", "as_tensor") and node in ast.walk(call)
        for call in source.calls_at(cut.span.line, "tensor", "as_tensor")
    ):
        return None  # it would be cut once more
    match node:
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if (
            name in ("detach", "item", "tolist", "numpy") and not node.args
        ):
            if name == "numpy":
                return None
            return source.replaced(node, source.operand(owner))
        case ast.Attribute(attr="data", value=owner):
            return source.replaced(node, source.text(owner))
        case ast.Call(args=[argument]) if name_of(node) in ("float", "tensor", "as_tensor"):
            if isinstance(argument, ast.List | ast.Tuple):
                return source.replaced(node, f"torch.stack({source.text(argument)})")
            return source.replaced(node, source.text(argument))
        case _:
            pass
    block = source.block_around(cut.span.line, "no_grad") or source.block_around(
        cut.span.line, "inference_mode"
    )
    if block is not None and cut.reason in ("no_grad", "inference_mode"):
        return source.unwrapped(block)
    return None


def _node_at(case: Case, cut: Cut) -> ast.expr | None:
    statement = case.source.statement(cut.span.line)
    if statement is None:
        return None
    for node in ast.walk(statement):
        if isinstance(node, ast.Call | ast.Attribute) and case.source.span(node) == cut.span:
            return node
    return None
