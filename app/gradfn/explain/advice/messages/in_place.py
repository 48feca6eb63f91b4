"""Texts about tensors changed in place: what changed it, and what had saved it."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import name_of, names_in
from gradfn.model.document import Edit, Explanation, Function
from gradfn.model.recording import InPlaceChange


def _modified(text: Text) -> Explanation | None:
    case = text.case
    change, keeper = _culprit(case)
    if change is None or keeper is None:
        return _by_an_optimizer(text) or _by_a_layer(text)
    name = f"`{change.name}`" if change.name else "a tensor"
    line = change.span.line
    kept = ", ".join(f"`{each.name}`" for each in keeper.saved if each.modified) or "a tensor"
    why = (
        f"Line {line}, `{_short(change.code)}`, changed {name} in place (version "
        f"{change.version_before} to {change.version}). {case.place(keeper)} had saved it as "
        f"{kept} for its derivative, which cannot be computed from the new value."
    )
    return replace(
        text.explanation,
        why=why,
        line=line,
        tensors=(change.tensor,) if change.tensor else (),
        functions=(keeper.id,),
        # Another tensor in place of a view would leave its base as it was: that is no cure.
        edits=_out_of_place(case, line) if keeper.id in change.saved_by else (),
    )


def _by_a_layer(text: Text) -> Explanation:
    """`F.relu(h, inplace=True)`, or a layer made so: what it changes is its input."""
    source = text.case.source
    for call, inplace in _told_to_be_in_place(text.case):
        return replace(
            text.explanation,
            why=f"Line {call.lineno}, `{_short(source.text(call))}`, changes its input in "
            "place, and a function had saved that for its derivative.",
            line=call.lineno,
            functions=tuple(
                each.id
                for each in text.case.document.graph.functions
                if any(kept.modified for kept in each.saved)
            )[:20],
            edits=(source.replaced(inplace, "False"),),
        )
    return text.explanation


def _told_to_be_in_place(case: Case) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Calls with `inplace=True`, and where that stands."""
    for call in case.source.calls:
        for keyword in call.keywords:
            if keyword.arg == "inplace" and case.source.text(keyword.value) == "True":
                yield call, keyword.value


def _by_an_optimizer(text: Text) -> Explanation | None:
    """`optimizer.step()` between the forward pass and a second backward pass."""
    case = text.case
    kept = [f for f in case.document.graph.functions if any(each.modified for each in f.saved)]
    stepped = [each for each in case.document.training if each.kind == "optimizer_step"]
    if not kept or not stepped:
        return None
    keeper, step = kept[0], stepped[-1]
    return replace(
        text.explanation,
        why=f"Line {step.line}, `{_short(step.code)}`, changed parameters in place. "
        f"{case.place(keeper)} had saved one for its derivative, which needs the old value.",
        fix="Step after the last backward pass over this graph, or run the forward pass again.",
        line=step.line,
        tensors=tuple(each.tensor for each in step.changed if each.tensor)[:20],
        functions=tuple(each.id for each in kept)[:20],
    )


def _culprit(case: Case) -> tuple[InPlaceChange | None, Function | None]:
    """The change that was one too many, and the function whose saved tensor it changed."""
    ran = {each.function for each in case.own[-1].functions} if case.own else set()
    for change in reversed(case.document.in_place):
        for id in change.saved_by:
            keeper = case.functions.get(id)
            if keeper and id not in ran and any(each.modified for each in keeper.saved):
                return change, keeper
    # Through a view of it: the first change after the function had saved its tensor.
    for keeper in case.document.graph.functions:
        if keeper.id in ran or not any(each.modified for each in keeper.saved):
            continue
        for change in case.document.in_place:
            if change.step is not None and keeper.step is not None and change.step >= keeper.step:
                return change, keeper
    return None, None


def _short(code: str) -> str:
    return " ".join(code.split())[:60].replace("`", "'")


def _out_of_place(case: Case, line: int) -> tuple[Edit, ...]:
    """The same change as a new tensor."""
    source = case.source
    statement = source.statement(line)
    match statement:
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            sign = _SIGNS.get(type(op))
            if sign:
                text = source.text(value)
                right = (
                    text if isinstance(value, ast.Name | ast.Constant | ast.Call) else f"({text})"
                )
                return (source.replaced(statement, f"{name} = {name} {sign} {right}"),)
        case (
            ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name)), value=value)
            | ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))], value=value)
        ) if name not in names_in(value):
            return (source.before(line, f"{name} = {name}.clone()"),)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method, value=ast.Name(id=name)))):
            if method.endswith("_") and not method.startswith("_"):
                plain = source.text(statement.value).replace(f".{method}(", f".{method[:-1]}(", 1)
                if method in _PLAIN_TOO:
                    return (source.replaced(statement, f"{name} = {plain}"),)
                return (source.before(line, f"{name} = {name}.clone()"),)
        case _:
            for call, inplace in _told_to_be_in_place(case):
                if call.lineno == line:
                    return (source.replaced(inplace, "False"),)
    return ()


_SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
}  # fmt: skip
_PLAIN_TOO = frozenset(
    ("add_", "sub_", "mul_", "div_", "pow_", "clamp_", "exp_", "relu_", "sigmoid_", "tanh_", "neg_")
)


def _under_no_grad(text: Text) -> Explanation:
    case, line = text.case, text.line
    if line is None:
        return text.explanation
    edit = case.source.wrapped(line, "with torch.no_grad():")
    tensor = case.named.get(_changed(text) or "")
    tensors = (tensor.id,) if tensor else ()
    return replace(text.explanation, line=line, tensors=tensors, edits=(edit,) if edit else ())


def _cloned_first(text: Text) -> Explanation:
    """A clone of what is changed, put in before the change."""
    case, line = text.case, text.line
    name = _changed(text)
    if line is None or name is None or not name.isidentifier():
        return _by_a_layer(text)
    tensor = case.named.get(name)
    return replace(
        text.explanation,
        line=line,
        tensors=(tensor.id,) if tensor else (),
        edits=(case.source.before(line, f"{name} = {name}.clone()"),),
    )


def _changed(text: Text) -> str | None:
    """What the statement changes in place, as `w` or `net.weight`."""
    source = text.case.source
    match source.statement(text.line):
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=node, attr=method))) if (
            method.endswith("_")
        ):
            pass
        case ast.AugAssign(target=node) | ast.Assign(targets=[ast.Subscript() as node]):
            pass
        case _:
            return None
    return source.text(node.value if isinstance(node, ast.Subscript) else node)


def _detached(text: Text) -> Explanation:
    case, line = text.case, text.line
    for call in case.source.calls_at(line, "detach_"):
        statement = case.source.statement(line)
        if isinstance(statement, ast.Expr) and isinstance(call.func, ast.Attribute):
            owner = case.source.text(call.func.value)
            edit = case.source.replaced(statement, f"{owner} = {owner}.detach()")
            return replace(text.explanation, line=line, edits=(edit,))
    return text.explanation


def _no_grad_for_inference(text: Text) -> Explanation:
    """`torch.no_grad()` wherever the program says `torch.inference_mode()`."""
    source = text.case.source
    calls = [each for each in source.calls if name_of(each) == "inference_mode"]
    edits = tuple(source.replaced(call.func, "torch.no_grad") for call in calls)
    line = calls[0].lineno if calls else None
    lines = {call.lineno for call in calls}
    return replace(text.explanation, line=line, edits=edits if len(lines) == len(calls) else ())


MESSAGES = (
    Message(
        "modified-in-place",
        r"one of the variables needed for gradient computation has been modified by an inplace",
        "A tensor that backward() needs was changed in place",
        "A function had saved a tensor for its derivative, and the tensor was changed in place "
        "afterwards: its version counter is not what it was.",
        "Make a new tensor instead (`y = y + 1`, not `y += 1`), or change a `.clone()`.",
        "notes#in-place",
        _modified,
    ),
    Message(
        "leaf-in-place",
        r"a (view of a )?leaf Variable that requires grad is being used in an in-place operation",
        "A leaf that requires grad was changed in place",
        "Autograd would have to record the change as an operation, and then the leaf would no "
        "longer "
        "be a leaf. An update of a parameter is not part of what is differentiated.",
        "Update inside `with torch.no_grad():`, or let an optimizer do it. "
        "`w = w - …` does not help: the new `w` is not a leaf and gets no `.grad`.",
        "notes#leaves",
        _under_no_grad,
    ),
    Message(
        "view-of-many",
        r"Output (\d+) of (\w+) is a view and is being modified inplace\. This view is the output "
        r"of a function that returns multiple views",
        "One of several views was changed in place",
        "`{1}` returned several views of one tensor at once; changing one of them in place "
        "would change the history of all of them, which autograd does not support.",
        "Change a copy: `.clone()` it first.",
        "notes#in-place",
        _cloned_first,
    ),
    Message(
        "view-made-in-no-grad",
        r"A view was created in (no_grad|inference) mode and is being modified inplace",
        "A view made under no_grad is changed outside of it",
        "The view was made inside `no_grad`, so autograd does not know that it is one; the change "
        "outside would have to reach its base.",
        "Make the view and change it in the same mode: both inside `no_grad`, or both outside.",
        "notes#no-grad",
        _cloned_first,
    ),
    Message(
        "view-of-custom-function",
        r"Output (\d+) of (\w+) is a view and is being modified inplace\. This view was created "
        r"inside a custom Function",
        "The output of a custom Function was changed in place",
        "`{1}` returned its input, or a view of it, so the change would put another derivative in "
        "place of the Function's own. A backward hook on a module makes such a Function too.",
        "Change a copy: `.clone()` it first.",
        "notes#in-place",
        _cloned_first,
    ),
    Message(
        "one-memory-many-elements",
        r"more than one element of the written-to tensor refers to a single memory location",
        "Several elements of this tensor share one place in memory",
        "`expand()` and broadcasting repeat a value without storing it again; a write to one "
        "element would be a write to all of them.",
        "Give it memory of its own first: `.clone()`.",
        "notes#in-place",
        _cloned_first,
    ),
    Message(
        "detach-a-view-in-place",
        r"Can't detach views in-place",
        "A view cannot be detached in place",
        "`detach_()` would remove the view's history, while its base keeps it.",
        "Use `detach()`, which gives a new tensor.",
        "notes#detach",
        _detached,
    ),
    Message(
        "inference-tensor-saved",
        r"Inference tensors cannot be saved for backward",
        "A tensor of inference mode is used where gradients are recorded",
        "`torch.inference_mode()` makes tensors without version counter, so autograd could not "
        "detect that they were changed before backward().",
        "Use `torch.no_grad()`, which cuts the history and leaves an ordinary tensor, or "
        "`.clone()`.",
        "notes#no-grad",
        _no_grad_for_inference,
    ),
    Message(
        "inference-tensor-requires-grad",
        r"Setting requires_grad=True on inference tensor outside InferenceMode",
        "A tensor of inference mode can never require grad",
        "`torch.inference_mode()` makes tensors that autograd does not track, not even afterwards.",
        "Make it inside `torch.no_grad()` instead, or ask for the gradient of a `.clone()`.",
        "notes#no-grad",
        _no_grad_for_inference,
    ),
    Message(
        "inference-tensor-in-place",
        r"Inplace update to inference tensor outside InferenceMode",
        "A tensor of inference mode is changed outside of it",
        "It has no version counter, so a change could not be noticed later.",
        "Make it inside `torch.no_grad()` instead, or change a `.clone()`.",
        "notes#no-grad",
        _no_grad_for_inference,
    ),
)
