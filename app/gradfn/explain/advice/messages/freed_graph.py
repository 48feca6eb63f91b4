"""The text of a graph that was freed: which pass freed it, and what carried it into this one."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.model.document import Edit, Explanation, Function
from gradfn.model.recording import BackwardPass, StackFrame


@dataclass(frozen=True, slots=True)
class _Carrier:
    """The name by which an earlier graph is read, and the statement that bound it."""

    name: str
    made: ast.stmt


def _freed(text: Text) -> Explanation:
    case = text.case
    statement = case.source.statement(text.line)
    if statement is not None and "._saved_" in case.source.text(statement):
        return _read_after_freeing(text)
    failed, earlier = _same_graph(case)
    if failed is None or earlier is None:
        return text.explanation
    old = {each.function for each in earlier.functions if each.function}
    freed = tuple(
        each.id
        for each in case.document.graph.functions
        if each.id in old and any(kept.freed for kept in each.saved)
    )
    explained = replace(text.explanation, line=earlier.line, functions=freed[:20])
    carrier = next(_carriers(case, failed, old), None)
    if carrier is not None:
        explained = replace(explained, why=_WHY.format(carrier.name))
        cured = _detached(text, explained, carrier, failed, earlier) or _computed_again(
            text, explained, carrier, old
        )
        if cured is not None:
            return cured
    if any((earlier.step or 0) < step < (failed.step or 0) for step, _ in case.updates):
        return replace(
            explained,
            fix="Run the forward pass again before this backward pass: parameters were changed "
            "since, so keeping the graph would not help.",
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


_WHY = (
    "Through `{}`, the graph includes functions of an earlier backward pass, which freed what "
    "they had saved."
)


def _detached(
    text: Text,
    explained: Explanation,
    carrier: _Carrier,
    failed: BackwardPass,
    earlier: BackwardPass,
) -> Explanation | None:
    """A state that each iteration takes from the one before: detach it in between."""
    case, name, made = text.case, carrier.name, carrier.made
    loop = case.source.loop_around(text.line)
    on_object = "." in name
    # Carried round the loop, not from one pass of an iteration to the next.
    comes_round = (failed.line or 0) <= (earlier.line or 0)
    inside = loop is not None and loop.lineno < made.lineno <= (loop.end_lineno or 0)
    if text.line is None or not (on_object or (comes_round and inside)):
        return None
    known = {each for tensor in case.document.graph.tensors for each in tensor.names}
    attribute = name.rpartition(".")[2]
    ends = (f".{attribute}", f".{attribute}[0]") if on_object else (name, f"{name}[0]")
    found = {end for end in ends for each in known if each == end or each.endswith(end)}
    cut = f"{name} = {name}.detach()"
    if found == {ends[1]}:
        cut = f"{name} = tuple(each.detach() for each in {name})"
    edit = case.source.after(made.lineno if on_object else text.line, cut)
    return replace(
        explained,
        fix=f"Detach it from the earlier graph: `{cut}` after each backward pass. "
        "`retain_graph=True` would keep all earlier graphs in memory.",
        line=made.lineno,
        edits=(edit,) if len(found) == 1 else (),
    )


def _computed_again(
    text: Text, explained: Explanation, carrier: _Carrier, old: set[str]
) -> Explanation | None:
    """What was computed once, before the loop or the closure that runs backward() again."""
    case, name, made = text.case, carrier.name, carrier.made
    again = case.source.repeated_around(text.line)
    if again is None or again.lineno < made.lineno <= (again.end_lineno or 0):
        return None
    what = f"the function `{again.name}`" if isinstance(again, ast.FunctionDef) else "the loop"
    first, last = made.lineno, made.end_lineno or made.lineno
    alone = all(
        any(first <= line <= last for line in _lines(each))
        for each in case.document.graph.functions
        if each.id in old and not each.accumulates
        and not any(again.lineno < line <= (again.end_lineno or 0) for line in _lines(each))
    )  # fmt: skip
    return replace(
        explained,
        fix=f"Compute `{name}` inside {what} of line {again.lineno}, so that each backward pass "
        "has a graph of its own.",
        line=made.lineno,
        edits=tuple(case.source.moved(made, again)) if alone else (),
    )


def _lines(function: Function) -> list[int]:
    return [each.line for each in function.stack] or [function.line or 0]


def _read_after_freeing(text: Text) -> Explanation:
    """`y.grad_fn._saved_result` after a pass: what it reads was freed by the latest before it."""
    case = text.case
    if not case.document.backward:
        return text.explanation
    earlier = case.document.backward[-1]
    freed = [each.id for each in case.document.graph.functions if any(s.freed for s in each.saved)]
    edits: tuple[Edit, ...] = tuple(
        case.source.with_keyword(call, "retain_graph", "True")
        for call in case.source.calls_at(earlier.line, "backward", "grad")[:1]
    )
    return replace(text.explanation, line=earlier.line, functions=tuple(freed[:20]), edits=edits)


def _same_graph(case: Case) -> tuple[BackwardPass | None, BackwardPass | None]:
    """The pass that failed, and the latest earlier one that freed a part of its graph."""
    if not case.document.backward:
        return None, None
    failed = case.document.backward[-1]
    graph = case.reached(_starts(case, failed))
    for one in reversed(case.document.backward[:-1]):
        shared = {each.function for each in one.functions} & graph
        if any(id and not case.functions[id].accumulates for id in shared if id in case.functions):
            return failed, one
    return failed, None


def _starts(case: Case, one: BackwardPass) -> Iterator[str]:
    for id in one.roots:
        tensor = case.tensors.get(id)
        if tensor is not None and tensor.grad_fn is not None:
            yield tensor.grad_fn


def _carriers(case: Case, failed: BackwardPass, old: set[str]) -> Iterator[_Carrier]:
    """What carries the earlier graph into the new one, at each place where they meet."""
    new = case.reached(_starts(case, failed)) - old
    for function in case.document.graph.functions:
        for below in case.below(function.id) if function.id in new else ():
            if below.id in old and not below.accumulates:
                yield from _carrier(case, _frames(function), _frames(below))


def _frames(function: Function) -> list[StackFrame]:
    """The lines that made a function, innermost first."""
    frames = list(function.stack) or [StackFrame("<module>", function.line or 0)]
    return frames if frames[0].line == function.line else frames[::-1]


def _carrier(case: Case, readers: list[StackFrame], makers: list[StackFrame]) -> Iterator[_Carrier]:
    source = case.source
    for reader in readers:
        for maker in makers:
            read, made = source.statement(reader.line), source.statement(maker.line)
            if read is None or made is None:
                continue
            stored = _names(made, ast.Store)
            for name in sorted(_names(read, ast.Load) & stored, key=len):
                local = source.function_around(maker.line)
                same_call = local is not None and local is source.function_around(reader.line)
                if same_call and "." not in name and source.repeated_around(maker.line) is local:
                    continue  # a local name ends with its call
                yield _Carrier(name, made)


def _names(statement: ast.stmt, context: type[ast.expr_context]) -> set[str]:
    """Names and attributes of `self` that a statement reads or binds."""
    return {
        ast.unparse(each)
        for each in ast.walk(statement)
        if (isinstance(each, ast.Name) and isinstance(each.ctx, context) and each.id != "self")
        or (
            isinstance(each, ast.Attribute)
            and isinstance(each.ctx, context)
            and isinstance(each.value, ast.Name)
        )
    }


MESSAGES = (
    Message(
        "backward-twice",
        r"Trying to backward through the graph a second time",
        "This graph was already used by a backward pass",
        "A backward pass frees what the functions had saved for it, so the same graph cannot be "
        "traversed again.",
        "Build the graph again, or pass `retain_graph=True` to the first backward pass.",
        "notes#accumulate",
        _freed,
    ),
)
