"""Losses with inputs that they are not made for, as the graph shows."""

import ast
from collections.abc import Iterator

from gradfn.explain.advice.case import Case, passed_in
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Diagnostic, Edit, Function

_PASSES_ON = frozenset(
    ("SqueezeBackward0", "SqueezeBackward1", "UnsqueezeBackward0", "ViewBackward0",
     "ReshapeAliasBackward0", "UnsafeViewBackward0", "TBackward0", "CloneBackward0",
     "ToCopyBackward0")
)  # fmt: skip
_LINEAR = frozenset(("AddmmBackward0", "MmBackward0", "MvBackward0", "ConvolutionBackward0"))


def _before(case: Case, function: Function) -> Function | None:
    """The function that made the first input, skipping changes of shape."""
    for _ in range(20):
        below = case.below(function.id)
        if not below:
            return None
        function = below[0]
        if function.name not in _PASSES_ON:
            return function
    return None


def _used(case: Case, *names: str) -> Iterator[Function]:
    """The functions of these names that a backward pass went through, one a line."""
    lines = set()
    for function in case.document.graph.functions:
        if function.name in names and function.id in case.passed and function.line not in lines:
            lines.add(function.line)
            yield function


def softmax_before_cross_entropy(case: Case) -> Iterator[Diagnostic]:
    for loss in _used(case, "LogSoftmaxBackward0"):
        before = _before(case, loss)
        if before is None or before.name not in ("SoftmaxBackward0", "SigmoidBackward0"):
            continue
        what = "softmax" if before.name == "SoftmaxBackward0" else "a sigmoid"
        yield Diagnostic(
            "softmax-before-cross-entropy", "warning", before.line,
            f"Cross-entropy after {what}",
            f"Cross-entropy applies a softmax itself. After {what} its inputs lie between 0 and "
            f"1, so "
            "the loss cannot come near 0 and its gradients are small.",
            f"Pass the logits, the output of the last layer without {what}.",
            functions=(before.id, loss.id), edits=_without(case, before), guide="using#losses",
        )  # fmt: skip


def log_of_softmax(case: Case) -> Iterator[Diagnostic]:
    for log in _used(case, "LogBackward0"):
        before = _before(case, log)
        if before is not None and before.name == "SoftmaxBackward0":
            yield Diagnostic(
                "log-of-softmax", "info", log.line, "The logarithm of a softmax",
                "A very small probability is rounded to 0, its logarithm is -inf and the "
                "gradient NaN.",
                "`log_softmax` computes the same without that loss of precision.",
                functions=(log.id, before.id), guide="using#nan",
            )  # fmt: skip


def logits_into_nll(case: Case) -> Iterator[Diagnostic]:
    for loss in _used(case, "NllLossBackward0"):
        before = _before(case, loss)
        if before is not None and before.name in _LINEAR | {"SoftmaxBackward0"}:
            yield Diagnostic(
                "nll-without-log", "warning", loss.line, "NLL loss of something that is not a "
                "log-probability",
                f"It takes log-probabilities and got the result of {case.place(before)}: the "
                "loss can decrease without bound.",
                "Use cross_entropy, or log_softmax before it.",
                functions=(loss.id, before.id), guide="using#losses",
            )  # fmt: skip


def sigmoid_before_logits_loss(case: Case) -> Iterator[Diagnostic]:
    for loss in _used(case, "BinaryCrossEntropyWithLogitsBackward0"):
        before = _before(case, loss)
        if before is not None and before.name == "SigmoidBackward0":
            yield Diagnostic(
                "sigmoid-before-logits-loss", "warning", before.line,
                "BCE-with-logits after a sigmoid",
                "BCEWithLogitsLoss applies a sigmoid itself, so here it is applied twice: no "
                "prediction can be below 0.5, and the gradients are small.",
                "Leave the sigmoid out, or use BCELoss.",
                functions=(before.id, loss.id), edits=_plain_bce(case), guide="using#losses",
            )  # fmt: skip


def logits_into_bce(case: Case) -> Iterator[Diagnostic]:
    for loss in _used(case, "BinaryCrossEntropyBackward0"):
        before = _before(case, loss)
        if before is not None and before.name in _LINEAR:
            yield Diagnostic(
                "bce-without-sigmoid", "warning", loss.line, "BCE without a sigmoid",
                f"It takes probabilities and got the result of {case.place(before)}. That was "
                "between 0 and 1 by chance; the next step may raise an error.",
                "Use BCEWithLogitsLoss, or a sigmoid before it.",
                functions=(loss.id, before.id), edits=_with_logits(case), guide="using#losses",
            )  # fmt: skip


def softmax_of_one(case: Case) -> Iterator[Diagnostic]:
    sent = {id: each for one in case.own for id, each in passed_in(one).items()}
    for function in _used(case, "SoftmaxBackward0", "LogSoftmaxBackward0"):
        passed = sent.get(function.id)
        grad = next((g for g in passed.grad_outputs if g is not None), None) if passed else None
        dims = [each.value for each in function.saved if each.name == "dim"]
        if grad is None or not dims or not isinstance(dims[0], int):
            continue
        dim = dims[0]
        if -len(grad.shape) <= dim < len(grad.shape) and grad.shape[dim] == 1:
            yield Diagnostic(
                "softmax-of-one", "warning", function.line, "A softmax over one class",
                f"Its input has the size 1 in dimension {dim}, so every probability is 1 whatever "
                "the weights are, and every gradient is 0.",
                "For two classes with a single output, use a sigmoid and BCE.",
                functions=(function.id,), guide="using#losses",
            )  # fmt: skip


def broadcast_in_a_loss(case: Case) -> Iterator[Diagnostic]:
    for function in _used(case, "SubBackward0"):
        ids = [each.tensor for each in function.inputs if each.argument in ("self", "other")]
        sides = [case.tensors.get(id) for id in ids if id is not None]
        if len(sides) != 2 or not all(each is not None and each.value for each in sides):
            continue
        left, right = sides
        if left is None or right is None or left.value is None or right.value is None:
            continue
        if left.requires_grad == right.requires_grad or _has_detach(case, function):
            continue
        if not _becomes_one_number(case, function) or _is_shaped(case, function):
            continue
        shapes = [left.value.shape, right.value.shape]
        shapes.sort(key=len)
        short, long = list(shapes[0]), list(shapes[1])
        if len(short) == 1 and short[0] > 1 and long == [short[0], 1]:
            target = left if right.requires_grad else right
            name = case.call_it(target, "the target")
            yield Diagnostic(
                "broadcast-in-loss", "warning", function.line,
                "The loss compares everything with everything",
                f"Shapes {short} and {long} make a table of {[short[0], short[0]]}: each "
                f"prediction is "
                f"subtracted from every target. One of them is {name}.",
                "Give both the same shape, as by `.squeeze(-1)` or `.unsqueeze(-1)`.",
                tensors=(left.id, right.id), functions=(function.id,), guide="using#shapes",
            )  # fmt: skip


def _becomes_one_number(case: Case, function: Function) -> bool:
    """Whether only elementwise functions lie between a difference and its sum or mean."""
    pending, met = [function], {function.id}
    while pending:
        above = case.above.get(pending.pop().id, [])
        if not above or len(met) > 50:
            return False
        for each in above:
            if each.name in ("MeanBackward0", "SumBackward0") or each.id in met:
                continue
            if each.name not in _ELEMENTWISE:
                return False
            met.add(each.id)
            pending.append(each)
    return True


_ELEMENTWISE = frozenset(
    ("PowBackward0", "MulBackward0", "AbsBackward0", "DivBackward0", "NegBackward0")
)  # fmt: skip


def _is_shaped(case: Case, function: Function) -> bool:
    """`x[:, None] - y`: here the broadcasting is intended."""
    statement = case.source.statement(function.line)
    return any(
        (isinstance(each, ast.Subscript) and "None" in case.source.text(each.slice))
        or (isinstance(each, ast.Call) and name_of(each) in ("unsqueeze", "view", "reshape"))
        for each in (ast.walk(statement) if statement is not None else ())
    )


def _has_detach(case: Case, function: Function) -> bool:
    return bool(case.source.calls_at(function.line, "detach"))


def _without(case: Case, function: Function) -> tuple[Edit, ...]:
    """`net(x)` for `softmax(net(x), dim=1)`, where that is how it is written."""
    for call in case.source.calls_at(function.line, "softmax", "sigmoid"):
        if function.span != case.source.span(call):
            continue
        text = case.source.text(call.func)
        if text.startswith(("torch.", "F.", "nn.functional.")) and call.args:
            return (case.source.replaced(call, case.source.text(call.args[0])),)
    return ()


def _with_logits(case: Case) -> tuple[Edit, ...]:
    return _renamed(
        case,
        {
            "BCELoss": "BCEWithLogitsLoss",
            "binary_cross_entropy": "binary_cross_entropy_with_logits",
        },
    )


def _plain_bce(case: Case) -> tuple[Edit, ...]:
    return _renamed(
        case,
        {
            "BCEWithLogitsLoss": "BCELoss",
            "binary_cross_entropy_with_logits": "binary_cross_entropy",
        },
    )


def _renamed(case: Case, names: dict[str, str]) -> tuple[Edit, ...]:
    for call in case.source.calls_of(*names):
        called, old = case.source.text(call.func), name_of(call)
        return (case.source.replaced(call.func, called[: -len(old)] + names[old]),)
    return ()


LINTS = (
    softmax_before_cross_entropy,
    log_of_softmax,
    logits_into_nll,
    sigmoid_before_logits_loss,
    logits_into_bce,
    softmax_of_one,
    broadcast_in_a_loss,
)
