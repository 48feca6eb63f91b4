"""Mistakes that the text of the program shows: modes left on, calls without parentheses."""

import ast
from collections.abc import Iterator

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.causes import listed_layers
from gradfn.explain.advice.source import keyword_of
from gradfn.model.document import Diagnostic

LOOKED_AT = 50  # calls of one method; a program with more is no net's training
_CALLED = frozenset(("backward", "step", "zero_grad", "eval", "train"))
_MODES = frozenset(("no_grad", "enable_grad", "inference_mode"))


def not_called(case: Case) -> Iterator[Diagnostic]:
    """`loss.backward` as a statement of its own."""
    for statement in case.source.statements:
        match statement:
            case ast.Expr(value=ast.Attribute(attr=name) as value) if name in _CALLED:
                text = case.source.text(value)
                yield Diagnostic(
                    "not-called", "warning", statement.lineno, f"`{text}` is not called",
                    "Without parentheses the line refers to the method and does nothing.",
                    f"Write `{text}()`.",
                    edits=(case.source.replaced(value, f"{text}()"),), guide="using#optimizers",
                )  # fmt: skip
            case _:
                pass


def mode_not_entered(case: Case) -> Iterator[Diagnostic]:
    """`torch.no_grad()` as a statement of its own."""
    for statement in case.source.statements:
        match statement:
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name("torch"), attr=name)) as value
            ) if name in _MODES:
                text = case.source.text(value)
                yield Diagnostic(
                    "mode-not-entered", "warning", statement.lineno, f"`{text}` has no effect here",
                    "The call only makes a context manager. The mode changes when a `with` "
                    "statement enters it.",
                    f"Write `with {text}:` and indent the lines that it is for.",
                    guide="notes#no-grad",
                )  # fmt: skip
            case _:
                pass


def eval_left_on(case: Case) -> Iterator[Diagnostic]:
    """Training that continues after `net.eval()`."""
    code = "\n".join(case.source.lines)
    if "Dropout" not in code and "BatchNorm" not in code:
        return
    every = case.source.calls_of("train")
    for call in case.source.calls_of("eval")[:LOOKED_AT]:
        if not isinstance(call.func, ast.Attribute) or call.args:
            continue
        owner = case.source.text(call.func.value)
        trains = [
            each
            for each in every
            if isinstance(each.func, ast.Attribute) and case.source.text(each.func.value) == owner
        ]
        into = {id for one in case.document.backward for id in one.accumulated_into} & case.updated
        own = any(
            name.startswith((f"{owner}.", f"{owner}[")) for id in into for name in case.names(id)
        )
        loop = case.source.loop_around(call.lineno)
        after = [
            one.line
            for one in case.document.backward
            if one.line is not None
            and (
                one.line > call.lineno
                or (loop and loop.lineno < one.line <= (loop.end_lineno or 0))
            )
        ]
        # In a loop, a `train()` before it does not help unless it is in the loop as well.
        helps = any(
            each.lineno > call.lineno or (loop and each.lineno > loop.lineno) for each in trains
        )
        # `net.train()`, then a part of it back to eval in each iteration: that is intended.
        helps = helps or any(
            (loop.lineno if loop else 0) < each.lineno <= call.lineno for each in every
        )
        if own and after and not helps:
            first = loop.body[0].lineno if isinstance(loop, ast.For | ast.While) else min(after)
            yield Diagnostic(
                "eval-left-on", "warning", call.lineno, f"`{owner}` is trained in eval mode",
                "After `eval()`, Dropout drops nothing and BatchNorm updates no statistics, and "
                "nothing switches back before the next backward pass.",
                f"Call `{owner}.train()` before training continues.",
                edits=(case.source.before(first, f"{owner}.train()"),), guide="using#modules",
            )  # fmt: skip
            return


def graph_retained(case: Case) -> Iterator[Diagnostic]:
    """`retain_graph=True` where no other pass uses the same graph."""
    if "._saved_" in "\n".join(case.source.lines):
        return  # the program reads saved tensors, which need it
    for one in case.own:
        calls = case.source.calls_at(one.line, "backward", "grad")
        if not calls or keyword_of(calls[0], "retain_graph") is not True:
            continue
        if keyword_of(calls[0], "create_graph") or case.document.status != "finished":
            continue
        graph = _inner(case, {each.function for each in one.functions})
        again = any(
            graph & _inner(case, {each.function for each in other.functions})
            for other in case.own
            if other is not one
        )
        if not graph or again or one.truncated:
            continue
        call = calls[0]
        kept = [case.source.text(each) for each in call.args]
        kept += [
            f"{each.arg}={case.source.text(each.value)}"
            for each in call.keywords
            if each.arg != "retain_graph"
        ]
        edit = case.source.replaced(call, f"{case.source.text(call.func)}({', '.join(kept)})")
        yield Diagnostic(
            "graph-retained", "info", one.line, "`retain_graph=True` is not needed here",
            "No other backward pass uses this graph, so what its functions have saved stays in "
            "memory for no reason.",
            "Leave it out.", edits=(edit,), guide="notes#accumulate",
        )  # fmt: skip
        return


def _inner(case: Case, ids: set[str | None]) -> set[str]:
    """Those that are in the graph and are not the ends of it."""
    return {
        id
        for id in ids
        if id is not None and id in case.functions and not case.functions[id].accumulates
    }


def layers_in_a_list(case: Case) -> Iterator[Diagnostic]:
    """A module that keeps layers in a plain list."""
    if case.document.status != "finished":
        return
    for kept in listed_layers(case.source):
        yield Diagnostic(
            "layers-in-a-list", "warning", kept.line, "Layers in a plain list are not registered",
            "A module finds parameters in attributes that are modules. Those in "
            f"`self.{kept.name}` are not among `parameters()`, so no optimizer changes them.",
            "Use `nn.ModuleList`.", edits=(kept.edit,), guide="using#modules",
        )  # fmt: skip


LINTS = (not_called, mode_not_entered, eval_left_on, graph_retained, layers_in_a_list)
