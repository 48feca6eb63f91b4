"""What in the program causes an error: cuts that feed a line, gradient modes, unregistered layers.

Each with the edit that fixes it, where one is clear.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.source import FACTORIES, Source, keyword_of, name_of
from gradfn.model.document import Edit
from gradfn.model.recording import Cut, CutReason

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
            statement = source.statement(cut.span.line)
            again = name == "numpy" or any(
                isinstance(each, ast.Attribute) and each.value is node and each.attr in _OUT
                for each in (ast.walk(statement) if statement is not None else ())
            )  # `.detach().numpy()` would be cut once more, too
            return None if again else source.replaced(node, source.operand(owner))
        case ast.Attribute(attr="data", value=owner):
            return source.replaced(node, source.text(owner))
        case ast.Call(args=[argument]) if name_of(node) in ("float", "tensor", "as_tensor"):
            if isinstance(argument, ast.List | ast.Tuple):
                stacked = stack_of(source, argument)
                return source.replaced(node, stacked) if stacked else None
            return source.replaced(node, source.text(argument))
        case _:
            pass
    block = source.block_around(cut.span.line, "no_grad") or source.block_around(
        cut.span.line, "inference_mode"
    )
    if block is not None and cut.reason in ("no_grad", "inference_mode"):
        return source.unwrapped(block)
    return None


_OUT = ("numpy", "item", "tolist")


def stack_of(source: Source, listed: ast.List | ast.Tuple) -> str | None:
    """A nested list of tensors as a stack of stacks; None where a part is plainly a number."""
    parts: list[str] = []
    for each in listed.elts:
        if isinstance(each, ast.List | ast.Tuple):
            inner = stack_of(source, each)
            if inner is None:
                return None
            parts.append(inner)
        elif any(isinstance(part, ast.Name) for part in ast.walk(each)):
            parts.append(source.text(each))
        else:
            return None
    return f"torch.stack([{', '.join(parts)}])"


@dataclass(frozen=True, slots=True)
class Sample:
    """A call of `sample()`, and the edit to `rsample()` where the distribution has it."""

    line: int
    code: str
    edits: tuple[Edit, ...]


def samples_feeding(source: Source, line: int | None) -> Iterator[Sample]:
    """Samples of distributions in the statements that a line depends on."""
    if not any("distributions" in each for each in source.lines):
        return
    feeding = {id(each) for each in source.feeding(line)}
    for call in source.calls_of("sample"):
        statement = source.statement(call.lineno)
        if statement is None or id(statement) not in feeding:
            continue
        if not isinstance(call.func, ast.Attribute):
            continue
        owner = call.func.value
        made = source.binding(owner.id, call.lineno) if isinstance(owner, ast.Name) else None
        known = made.value if isinstance(made, ast.Assign) else owner
        smooth = isinstance(known, ast.Call) and name_of(known) in _REPARAMETRISED
        edit = source.replaced(call.func, f"{source.operand(owner)}.rsample")
        yield Sample(call.lineno, source.text(call)[:60], (edit,) if smooth else ())


_REPARAMETRISED = frozenset(
    ("Normal", "MultivariateNormal", "LogNormal", "Uniform", "Laplace", "Beta", "Gamma",
     "Dirichlet", "Exponential", "Cauchy", "Gumbel", "StudentT", "RelaxedBernoulli")
)  # fmt: skip


def derivative_feeding(source: Source, line: int | None) -> ast.Call | None:
    """An earlier `grad(…, create_graph=True)` in the statements that a line depends on."""
    feeding = {id(each) for each in source.feeding(line)}
    for call in reversed(source.calls_of("grad")):
        statement = source.statement(call.lineno)
        earlier = line is not None and call.lineno < line
        if earlier and id(statement) in feeding and keyword_of(call, "create_graph") is True:
            return call
    return None


def _node_at(case: Case, cut: Cut) -> ast.expr | None:
    statement = case.source.statement(cut.span.line)
    if statement is None:
        return None
    for node in ast.walk(statement):
        if isinstance(node, ast.Call | ast.Attribute) and case.source.span(node) == cut.span:
            return node
    return None


@dataclass(frozen=True, slots=True)
class Gradless:
    """What switches gradients off around a line: where it says so, and the edit that ends it."""

    line: int
    words: str
    edits: tuple[Edit, ...]


def gradless(source: Source, line: int | None) -> Gradless | None:
    """A block, a decorated function, or a call before the line that switches gradients off."""
    block = source.block_around(line, "no_grad") or source.block_around(line, "inference_mode")
    block = block or source.block_around(line, "set_grad_enabled(False)")
    if block is not None:
        words = f"inside the block of line {block.lineno}"
        return Gradless(block.lineno, words, (source.unwrapped(block),))
    for each in source.statements:
        inside = line is not None and each.lineno <= line <= (each.end_lineno or 0)
        for mark in each.decorator_list if isinstance(each, ast.FunctionDef) and inside else ():
            if "no_grad" in source.text(mark) or "inference_mode" in source.text(mark):
                words = f"inside a function for which line {mark.lineno} disables gradients"
                return Gradless(mark.lineno, words, (Edit(mark.lineno, mark.lineno, ""),))
    for call in reversed(source.calls_of("set_grad_enabled")):
        given = [each for each in call.args if isinstance(each, ast.Constant)]
        off = given[0].value is False if given else keyword_of(call, "mode") is False
        if line is not None and call.lineno < line and off:
            words = f"after line {call.lineno} had disabled gradients"
            return Gradless(call.lineno, words, (Edit(call.lineno, call.lineno, ""),))
    return None


def leaf_again(case: Case, line: int | None) -> tuple[Edit, ...]:
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


@dataclass(frozen=True, slots=True)
class ListedLayers:
    """A plain list in which a module keeps layers, and the edit that makes it a ModuleList."""

    line: int
    name: str
    edit: Edit


def listed_layers(source: Source) -> Iterator[ListedLayers]:
    """Lists of layers in attributes of `self`, written out or appended to."""
    code = "\n".join(source.lines)
    appended: dict[str, list[ast.expr]] = defaultdict(list)
    for call in source.calls_of("append"):
        appended[source.text(call.func)] += call.args[:1]
    for statement in source.statements:
        match statement:
            case ast.Assign(
                targets=[ast.Attribute(attr=name, value=ast.Name(id="self"))],
                value=(ast.List() | ast.ListComp()) as value,
            ):
                pass
            case _:
                continue
        made = [value.elt] if isinstance(value, ast.ListComp) else list(value.elts)
        made += appended[f"self.{name}.append"]
        layers = [
            source.text(each.func)
            for each in made
            if isinstance(each, ast.Call) and name_of(each) in _LAYERS
        ]
        if not layers or f"*self.{name}" in code or f"List(self.{name}" in code:
            continue
        head = layers[0].rpartition(".")[0] or "torch.nn"
        given = "" if isinstance(value, ast.List) and not value.elts else source.text(value)
        edit = source.replaced(value, f"{head}.ModuleList({given})")
        yield ListedLayers(statement.lineno, name, edit)


_LAYERS = frozenset(
    ("Linear", "Conv1d", "Conv2d", "Conv3d", "Sequential", "LSTM", "GRU", "RNN", "Embedding",
     "BatchNorm1d", "BatchNorm2d", "LayerNorm")
)  # fmt: skip
