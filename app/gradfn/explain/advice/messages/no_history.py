"""The text of a tensor that has no history: what cut it, and where."""

import ast
from dataclasses import replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.causes import (
    Gradless,
    cut_edit,
    cuts_feeding,
    derivative_feeding,
    gradless,
    samples_feeding,
)
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import FACTORIES, keyword_of, name_of, names_in
from gradfn.model.document import Explanation
from gradfn.model.recording import CutReason


def _nothing_to_differentiate(text: Text) -> Explanation:
    case, line = text.case, text.line
    if found := _no_create_graph(case, line):
        call = found
        return replace(
            text.explanation,
            title="The first gradient was computed without a graph",
            why=f"Line {call.lineno} computed a gradient without keeping the graph of that "
            f"computation. A second "
            "derivative needs that graph.",
            fix="Pass `create_graph=True`.",
            line=call.lineno,
            edits=(case.source.with_keyword(call, "create_graph", "True"),),
            guide="/guide/gradients#second",
        )
    cuts = cuts_feeding(case, line)
    deliberate = [each for each in cuts if each.reason not in _BY_MODE]
    off = gradless(case.source, cuts[-1].span.line if cuts else line)
    off = off or _made_without_grad(case, line)
    if off is not None and not deliberate:
        return replace(
            text.explanation,
            why=f"It was computed {off.words}, where no history is recorded.",
            fix="Run the forward pass with gradients enabled.",
            line=off.line,
            edits=off.edits,
            guide="/guide/notes#no-grad",
        )
    if cuts:
        cut = cuts[-1]
        edit = cut_edit(case, cut)
        return replace(
            text.explanation,
            why=f"Line {cut.span.line}, `{' '.join(cut.code.split())[:60]}`, took a value out "
            f"of the graph: what is computed from it has no history.",
            fix="Use the tensor itself in the computation of the loss.",
            line=edit.line if edit else cut.span.line,
            tensors=(cut.tensor,) if cut.tensor else (),
            functions=(cut.function,) if cut.function else (),
            edits=(edit,) if edit else (),
            guide="/guide/notes#detach",
        )
    return _of_a_sample(text) or _of_a_constant(text) or _no_leaf(text)


def _of_a_sample(text: Text) -> Explanation | None:
    """`dist.sample()`, which is drawn under no_grad."""
    for sample in samples_feeding(text.case.source, text.line):
        return replace(
            text.explanation,
            why=f"Line {sample.line}, `{sample.code}`, returns a value without history: no "
            "gradient goes back through `sample()` to the parameters of the distribution.",
            fix="Use `rsample()` where the distribution has it, or the log-probability of the "
            "sample: `-dist.log_prob(action) * advantage`.",
            line=sample.line,
            edits=sample.edits,
            guide="/guide/notes#detach",
        )
    return None


def _of_a_constant(text: Text) -> Explanation | None:
    """A derivative that was kept with its graph and has none: it depends on nothing."""
    first = derivative_feeding(text.case.source, text.line)
    if first is None:
        return None
    return replace(
        text.explanation,
        title="The first derivative is a constant",
        why=f"Line {first.lineno} computed a derivative with `create_graph=True`, and it has no "
        "graph: it does not depend on anything that requires grad, as the derivative of a linear "
        "function. The next derivative is therefore 0.",
        fix="Use zeros where the first derivative has `requires_grad` False: "
        "`torch.zeros_like(x)`.",
        line=first.lineno,
        guide="/guide/gradients#second",
    )


def _no_leaf(text: Text) -> Explanation:
    case, line = text.case, text.line
    if (frozen := _frozen(case)) is not None:
        return replace(
            text.explanation,
            why=f"Line {frozen.lineno} set requires_grad to False, and nothing else that it was "
            "computed from requires grad.",
            fix="Keep requires_grad on for what is to be trained.",
            line=frozen.lineno,
            guide="/guide/notes#leaves",
        )
    for statement in sorted(case.source.feeding(line), key=lambda each: each.lineno):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call):
                tensor = case.named.get(name)
                floats = tensor is None or (
                    tensor.value is not None and tensor.value.dtype.startswith(("float", "complex"))
                )
                plain = name_of(call) in FACTORIES and case.source.text(call.func).startswith(
                    "torch."
                )
                given = any(each.arg == "requires_grad" for each in call.keywords)
                tracked = given or (tensor is not None and tensor.requires_grad)
                if plain and floats and not tracked:
                    return replace(
                        text.explanation,
                        why=f"None of the tensors that it was computed from requires grad; "
                        f"`{name}` of "
                        f"line {call.lineno} is one of them.",
                        line=call.lineno,
                        tensors=(tensor.id,) if tensor else (),
                        edits=(case.source.with_keyword(call, "requires_grad", "True"),),
                    )
            case _:
                pass
    return text.explanation


def _frozen(case: Case) -> ast.stmt | None:
    """Where the program switches requires_grad off."""
    for statement in case.source.statements:
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Attribute(attr="requires_grad")], value=ast.Constant(value=False)
                )
                | ast.Expr(
                    value=ast.Call(
                        func=ast.Attribute(attr="requires_grad_"), args=[ast.Constant(value=False)]
                    )
                )
            ):
                return statement
            case _:
                pass
    return None


def _no_create_graph(case: Case, line: int | None) -> ast.Call | None:
    """The earlier gradient call, without create_graph, that this one differentiates."""
    statements = {id(each) for each in case.source.feeding(line)}
    for call in reversed(case.source.calls_of("grad", "backward")):
        statement = case.source.statement(call.lineno)
        if line is None or call.lineno >= line or keyword_of(call, "create_graph"):
            continue
        if name_of(call) == "grad" and statement is not None and id(statement) in statements:
            return call
        current = case.source.statement(line)
        reads_grad = current is not None and any(
            isinstance(each, ast.Attribute)
            and each.attr == "grad"
            and not isinstance(each.ctx, ast.Store)
            and isinstance(each.value, ast.Name)
            and each.value.id != "autograd"
            for part in case.source.feeding(line)
            if not isinstance(part, ast.FunctionDef | ast.ClassDef)
            for each in ast.walk(part)
        )
        if name_of(call) == "backward" and reads_grad:
            return call
    return None


_BY_MODE: tuple[CutReason, ...] = ("no_grad", "inference_mode")


def _made_without_grad(case: Case, line: int | None) -> Gradless | None:
    """What disabled gradients where an input of the line was computed."""
    current = case.source.statement(line)
    if current is None:
        return None
    for name in names_in(current):
        binding = case.source.binding(name, line)
        if binding is not None and (off := gradless(case.source, binding.lineno)) is not None:
            return off
    return None


MESSAGES = (
    Message(
        "nothing-to-differentiate",
        r"element (\d+) of tensors does not require grad and does not have a grad_fn",
        "The tensor has no graph to differentiate",
        "The tensor has no `grad_fn`: nothing it was made from requires grad, or its history was "
        "cut on the way.",
        "Make the tensors whose gradients you want with `requires_grad=True`.",
        "gradients#graph",
        _nothing_to_differentiate,
    ),
)
