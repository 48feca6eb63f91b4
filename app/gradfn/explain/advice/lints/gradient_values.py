"""Gradients that are wrong, zero, tiny, huge or not numbers, found where they begin."""

import ast
import math
from collections import defaultdict
from collections.abc import Iterator

from gradfn.explain.advice.case import Case, passed_in
from gradfn.explain.advice.nan_reasons import ANY_REASON, NAN_REASONS
from gradfn.model.document import Diagnostic, Function, TensorValue
from gradfn.model.recording import BackwardPass, PassedFunction

FEW = 4  # elements; fewer say nothing about a layer
NONE = frozenset(("NaN", "Infinity", "-Infinity"))


def norm(value: TensorValue | None) -> float | None:
    """The Euclidean norm; None where it is not known or not finite."""
    if value is None:
        return None
    if value.data is not None:
        try:
            return math.hypot(
                *(float(each) for each in value.data if isinstance(each, int | float))
            )
        except (OverflowError, ValueError):
            return None
    found = value.summary.norm if value.summary is not None else None
    return float(found) if isinstance(found, int | float) else None


def is_finite(value: TensorValue | None) -> bool:
    """Whether no element is NaN or infinite, as far as is known."""
    if value is None:
        return True
    if value.data is not None:
        return not any(each in NONE for each in value.data if isinstance(each, str))
    return value.summary is None or not value.summary.nonfinite


def _has_nan(value: TensorValue | None) -> bool:
    return value is not None and value.data is not None and "NaN" in value.data


def nan_in_backward(case: Case) -> Iterator[Diagnostic]:
    """The first function that got finite gradients and gave others."""
    for one in case.own:
        if not all(is_finite(each) for each in one.root_values):
            continue
        for passed in one.functions:
            if not all(is_finite(each) for each in passed.grad_outputs):
                break
            if all(is_finite(each) for each in passed.grad_inputs):
                continue
            function = case.functions.get(passed.function or "")
            if function is None:
                break
            yield _where(case, one, function) or _here(case, function)
            return


def _here(case: Case, function: Function) -> Diagnostic:
    """Where the gradient stops being finite, with the reason that this function has for it."""
    place, value = case.place(function), case.value_of(function)
    if not is_finite(value):
        what = "NaN" if _has_nan(value) else "infinity"
        why = (
            f"The result of {place} contains {what}, and a later function hid it: its gradient "
            f"there is 0, and 0 times {what} is NaN."
        )
        fix = "Keep the input in range before the function, for example `x.clamp(max=80).exp()`."
    else:
        reason, fix = NAN_REASONS.get(function.name, ANY_REASON)
        why = (
            f"{place} got a finite gradient and returned one that is not: {reason}. "
            "The forward pass shows no sign of it."
        )
    return Diagnostic(
        "nan-in-backward-pass", "warning", function.line,
        "The gradient becomes NaN or infinite here", why, fix,
        tensors=function.outputs, functions=(function.id,), guide="using#nan",
    )  # fmt: skip


_SAFE_ARGUMENT = (
    "Make the argument safe before the function: `torch.log(torch.where(x > 0, x, 1.0))`."
)
_SAFE_DIVISION = (
    "Make the divisor safe before the division: `x / torch.where(count == 0, 1.0, count)`."
)


def _where(case: Case, one: BackwardPass, bad: Function) -> Diagnostic | None:
    """The branch that torch.where did not choose."""
    for passed in one.functions:
        function = case.functions.get(passed.function or "")
        if function is None or function.name != "WhereBackward0":
            continue
        if bad.id in case.reached([function.id]):
            return Diagnostic(
                "where-nan", "warning", function.line,
                "torch.where: NaN from the branch that was not chosen",
                "Both branches are computed, and both get a gradient: 0 for what was not chosen. "
                f"{case.place(bad)} multiplies that 0 by an infinite derivative, and 0 times "
                "infinity is NaN.",
                _SAFE_DIVISION if bad.name.startswith("Div") else _SAFE_ARGUMENT,
                functions=(function.id, bad.id), guide="using#nan",
            )  # fmt: skip
    return None


def not_finite_in_forward(case: Case) -> Iterator[Diagnostic]:
    """The origin of the first NaN or infinity that reached the root of a backward pass."""
    wrong = [
        one for one in case.document.backward if not all(is_finite(v) for v in one.root_values)
    ]
    if not wrong:
        return
    if wrong[0] is not case.document.backward[0]:
        return  # it began well: that is the step's fault, see `training.py`
    starts = {
        case.tensors[id].grad_fn for one in case.own for id in one.roots if id in case.tensors
    }
    reached = case.reached(id for id in starts if id is not None)
    origins = [
        each
        for each in case.document.graph.functions
        if each.id in reached
        and not is_finite(case.value_of(each))
        and all(is_finite(_value(case, operand.tensor)) for operand in each.inputs)
    ]
    if origins:
        origin = origins[-1]
        what = "NaN" if _has_nan(case.value_of(origin)) else "infinity"
        yield Diagnostic(
            "not-finite-in-forward", "warning", origin.line, f"The first {what} comes from here",
            f"{case.place(origin)} had finite inputs and returned {what}, which then reached the "
            f"loss.",
            "Keep its input away from 0, from negative numbers and from very large ones.",
            tensors=origin.outputs, functions=(origin.id,), guide="using#nan",
        )  # fmt: skip


def _value(case: Case, id: str | None) -> TensorValue | None:
    tensor = case.tensors.get(id or "")
    return tensor.value if tensor is not None else None


def _latest(case: Case) -> BackwardPass | None:
    return case.own[-1] if case.own else None


def dead_relu(case: Case) -> Iterator[Diagnostic]:
    """A ReLU whose output is 0 everywhere, though it got a gradient."""
    one = _latest(case)
    for id, passed in (passed_in(one) if one else {}).items():
        function = case.functions.get(id)
        if function is None or function.name != "ReluBackward0":
            continue
        came, went = norm(_first(passed.grad_outputs)), norm(_first(passed.grad_inputs))
        ends = {each.name for each in case.above.get(id, ())}
        if _size(passed) < FEW or (ends and ends <= {"MeanBackward0", "SumBackward0"}):
            continue  # of a hinge loss, 0 everywhere is what is wanted
        if came and went == 0 and norm(case.value_of(function)) == 0:
            where = f" of `{function.module}`" if function.module else ""
            yield Diagnostic(
                "dead-relu", "warning", function.line, "This ReLU is dead: it is 0 "
                "everywhere",
                f"All inputs of the ReLU{where} are negative, so its output and its "
                f"derivative are 0, and nothing before it gets a gradient.",
                "Use a smaller learning rate, other initial values, or LeakyReLU or GELU.",
                tensors=function.outputs, functions=(id,), guide="back-propagation#vanishing",
            )  # fmt: skip


def saturated(case: Case) -> Iterator[Diagnostic]:
    """A sigmoid or tanh at the flat end everywhere; not before a loss that makes up for it."""
    one = _latest(case)
    for id, passed in (passed_in(one) if one else {}).items():
        function = case.functions.get(id)
        if function is None or function.name not in ("SigmoidBackward0", "TanhBackward0"):
            continue
        above = {each.name for each in case.above.get(id, ())}
        if above & {
            "BinaryCrossEntropyBackward0",
            "SqueezeBackward0",
            "SqueezeBackward1",
            "LogBackward0",
        }:
            continue
        came, went = norm(_first(passed.grad_outputs)), norm(_first(passed.grad_inputs))
        if came and went is not None and went < 1e-3 * came and _size(passed) >= FEW:
            name = "sigmoid" if function.name.startswith("Sig") else "tanh"
            yield Diagnostic(
                "saturated", "warning", function.line, f"This {name} is "
                "saturated",
                f"Its inputs are so large that it is flat there: the gradient is "
                f"{went / came:.1g} times as "
                f"large after it as before.",
                "Scale the inputs, or use smaller initial weights.",
                tensors=function.outputs, functions=(id,), guide="back-propagation#vanishing",
            )  # fmt: skip


def _size(passed: PassedFunction) -> int:
    grad = _first(passed.grad_outputs)
    return math.prod(grad.shape) if grad is not None else 0


def _first(values: tuple[TensorValue | None, ...]) -> TensorValue | None:
    return next((each for each in values if each is not None), None)


def vanishing_or_exploding(case: Case) -> Iterator[Diagnostic]:
    """The gradient along a chain of like functions, five or more."""
    one = _latest(case)
    chains: dict[str, list[PassedFunction]] = defaultdict(list)
    for passed in one.functions if one else ():
        function = case.functions.get(passed.function or "")
        if function is not None and function.name in _CHAINED:
            chains[function.name].append(passed)
    for name, chain in chains.items():
        came, went = norm(_first(chain[0].grad_outputs)), norm(_first(chain[-1].grad_inputs))
        if len(chain) < 5 or not came or not went:
            continue
        ratio = went / came
        last = case.functions[chain[-1].function or ""]
        if ratio < 1e-6 or (ratio > 1e6 and went > 1e4):
            small = ratio < 1
            yield Diagnostic(
                "vanishing" if small else "exploding", "warning", last.line,
                "The gradient vanishes" if small else "The gradient "
                "explodes",
                f"Through {len(chain)} functions `{name}` its norm went from {came:.2g} "
                f"to {went:.2g}: "
                f"each made it {'smaller' if small else 'larger'}, and the factors multiply.",
                "Use ReLU or GELU, normalise between the layers, or add the input to the output "
                "(a residual)." if small else
                "Use smaller initial weights, normalise, or clip: `clip_grad_norm_(…, 1.0)`.",
                functions=tuple(each.function for each in chain[:20] if each.function),
                guide="back-propagation#vanishing",
            )  # fmt: skip
            return


_CHAINED = frozenset(
    ("SigmoidBackward0", "TanhBackward0", "MmBackward0", "AddmmBackward0",
     "MvBackward0")
)  # fmt: skip


def explodes_at_one_function(case: Case) -> Iterator[Diagnostic]:
    """A finite gradient that one function makes millions of times larger."""
    one = _latest(case)
    for id, passed in (passed_in(one) if one else {}).items():
        function = case.functions.get(id)
        came, went = norm(_first(passed.grad_outputs)), norm(_first(passed.grad_inputs))
        if function is None or function.name not in NAN_REASONS or not came or not went:
            continue
        if went < max(GROWTH * came, LARGE):
            continue
        yield Diagnostic(
            "gradient-explodes-here", "warning", function.line,
            "The gradient becomes very large here",
            f"{case.place(function)} got a gradient with the norm {came:.2g} and returned one with "
            f"{went:.2g}: its input is so close to a point without derivative, such as a division "
            "by 0, that a small change would change the result by this much.",
            "Keep its input away from that point, for example with a larger `eps`.",
            functions=(id,), guide="using#nan",
        )  # fmt: skip
        return


GROWTH = 1e7  # by one function; layers and losses change a norm by a few powers of ten at most
LARGE = 1e6


def zero_everywhere(case: Case) -> Iterator[Diagnostic]:
    """round, floor and similar functions in a backward pass: their derivative is 0."""
    for function in case.document.graph.functions:
        if function.id not in case.passed or function.name not in _STEPS:
            continue
        name = function.name.removesuffix("Backward0").lower()
        yield Diagnostic(
            "zero-derivative", "warning", function.line, f"The derivative of {name} is 0",
            f"{case.place(function)} is constant between its jumps, so every gradient is 0 from "
            f"there on, "
            "without an error.",
            "Leave it out of training, or bypass it with `x + (x.round() - x).detach()`.",
            functions=(function.id,), guide="back-propagation#vanishing",
        )  # fmt: skip
        return


_STEPS = frozenset(
    ("RoundBackward0", "RoundBackward1", "FloorBackward0", "CeilBackward0", "TruncBackward0",
     "SignBackward0", "HeavisideBackward0")
)  # fmt: skip


def data_changed_after_saved(case: Case) -> Iterator[Diagnostic]:
    """`.data` changed between a forward pass and its backward pass, unseen by version counters."""
    for event in case.document.training:
        changed = {each.tensor for each in event.changed if each.tensor is not None}
        if event.kind != "assign_data" or event.step is None:
            continue
        for one in case.own:
            if one.step is None or one.step <= event.step:
                continue
            for passed in one.functions:
                function = case.functions.get(passed.function or "")
                if function is None or function.step is None or function.step >= event.step:
                    continue
                kept = [each.tensor for each in function.saved if each.tensor in changed]
                if kept:
                    name = event.changed[0].name
                    yield Diagnostic(
                        "data-changed-after-saved", "warning", event.line,
                        "`.data` was changed after a function had saved it",
                        f"{case.place(function)} had saved `{name}` for its derivative, and "
                        "`.data` bypasses the version counter: the gradient was computed from "
                        "the new value and is wrong, and PyTorch does not report it.",
                        "Change it after backward(), inside `with torch.no_grad():` and without "
                        "`.data`: then PyTorch detects it.",
                        tensors=tuple(id for id in kept if id), functions=(function.id,),
                        guide="notes#in-place",
                    )  # fmt: skip
                    return


def _got_one(case: Case, one: BackwardPass, id: str) -> bool:
    """Whether a function got a gradient after all: a sparse one has no elements to show."""
    ran = next((each for each in one.functions if each.function == id), None)
    leaf = case.tensors.get(getattr(case.functions.get(id), "variable", None) or "")
    if ran is None:
        return False
    return any(ran.grad_inputs) if leaf is None else leaf.grad is not None


def custom_gradients(case: Case) -> Iterator[Diagnostic]:
    """A custom Function whose backward() gave None where a gradient was due."""
    classes = {each.name for each in case.source.statements if isinstance(each, ast.ClassDef)}
    for one in case.own:
        for passed in one.functions:
            function = case.functions.get(passed.function or "")
            if function is None or function.name.removesuffix("Backward") not in classes:
                continue
            for nr, following in enumerate(function.next_functions):
                if following is None or nr >= len(passed.grad_inputs):
                    continue
                sent = passed.grad_inputs[nr]
                if sent is None and not _got_one(case, one, following.function):
                    yield Diagnostic(
                        "custom-none", "warning", function.line,
                        f"backward() of `{function.name}` returned None for an input that "
                        f"needs a gradient",
                        f"Input {nr} requires grad and got no gradient, as if the output did not "
                        f"depend on it.",
                        "Return its gradient, and `None` only for inputs that are not tensors.",
                        functions=(function.id,), guide="back-propagation#custom",
                    )  # fmt: skip
                    return


LINTS = (
    nan_in_backward,
    not_finite_in_forward,
    dead_relu,
    saturated,
    vanishing_or_exploding,
    explodes_at_one_function,
    zero_everywhere,
    data_changed_after_saved,
    custom_gradients,
)
