"""Parts of a training loop that were made and have no effect: optimizers, schedulers, scalers."""

import ast
from collections.abc import Iterator

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.lints.gradient_values import norm
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Diagnostic

_OPTIONS = {  # what is written instead of an option's name, which no optimizer refuses
    "learning_rate": "lr",
    "learningrate": "lr",
    "lrate": "lr",
    "weightdecay": "weight_decay",
    "wd": "weight_decay",
    "beta": "betas",
}


def optimizer_not_stepped(case: Case) -> Iterator[Diagnostic]:
    """Gradients are computed and an optimizer is there, and nothing calls its `step()`."""
    passes = [one for one in case.document.backward if one.line is not None]
    if case.document.status != "finished" or len(passes) < 2 or case.updated:
        return
    for name, statement in _made(case, "optim."):
        if "lr_scheduler" in case.source.text(statement) or not _only_has(case, name, "step"):
            continue
        line = passes[-1].line
        assert line is not None
        yield Diagnostic(
            "optimizer-not-stepped", "warning", statement.lineno, f"`{name}` never makes a step",
            f"Line {line} computes gradients {len(passes)} times, and nothing changes a parameter: "
            f"that is what `{name}.step()` does.",
            f"Call `{name}.step()` after the backward pass.",
            edits=(case.source.after(line, f"{name}.step()"),), guide="using#optimizers",
        )  # fmt: skip
        return


def scheduler_not_stepped(case: Case) -> Iterator[Diagnostic]:
    """A learning rate scheduler without `step()`, while the optimizer makes steps."""
    steps = [each for each in case.document.training if each.kind == "optimizer_step"]
    if case.document.status != "finished" or len(steps) < 2:
        return
    for name, statement in _made(case, "lr_scheduler."):
        if _only_has(case, name, "step"):
            yield Diagnostic(
                "scheduler-not-stepped", "warning", statement.lineno,
                f"`{name}` never changes the learning rate",
                f"A scheduler sets the learning rate when its `step()` is called, and nothing "
                f"calls `{name}.step()`.",
                f"Call `{name}.step()` after `optimizer.step()`, once an epoch or once an "
                "iteration, as the scheduler counts.",
                guide="using#optimizers",
            )  # fmt: skip
            return


def _made(case: Case, by: str) -> Iterator[tuple[str, ast.stmt]]:
    """Names that are bound to what a call of `torch.optim.…` gives, once in the program."""
    for statement in case.source.statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
                if by in f"{case.source.text(function)}":
                    yield name, statement


def _only_has(case: Case, name: str, lacking: str) -> bool:
    """Whether all uses of a name are methods, and none of them is this one."""
    owners = [each.value for each in ast.walk(case.source.tree) if isinstance(each, ast.Attribute)]
    methods = {
        each.attr
        for each in ast.walk(case.source.tree)
        if isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Name)
        and each.value.id == name
    }
    schedulers = [call for call in case.source.calls if "lr_scheduler" in case.source.text(call)]
    given = {id(argument) for call in schedulers for argument in call.args}
    known = {id(each) for each in owners} | given
    alone = [
        each
        for each in ast.walk(case.source.tree)
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load)
        and id(each) not in known
    ]  # fmt: skip
    return not alone and lacking not in methods


def option_of_another_name(case: Case) -> Iterator[Diagnostic]:
    """`{"params": …, "learning_rate": 1e-3}`: a group keeps whatever it is given."""
    for call in case.source.calls:
        if "optim." not in case.source.text(call.func) or not call.args:
            continue
        groups = call.args[0].elts if isinstance(call.args[0], ast.List) else []
        for group in groups:
            keys = group.keys if isinstance(group, ast.Dict) else []
            for key in keys:
                meant = _OPTIONS.get(key.value) if _is_text(key) else None  # type: ignore[union-attr]
                if key is None or meant is None:
                    continue
                yield Diagnostic(
                    "group-option-unknown", "warning", key.lineno,
                    f"`{case.source.text(key)}` is no option of the optimizer",
                    "A parameter group keeps whatever it is given, and the optimizer never looks "
                    f"at this entry: the group has the default of `{meant}`.",
                    f"Write `\"{meant}\"`.",
                    edits=(case.source.replaced(key, f'"{meant}"'),), guide="using#optimizers",
                )  # fmt: skip
                return


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def scaled_gradients_used(case: Case, *, raised: bool = False) -> Iterator[Diagnostic]:
    """`scaler.scale(loss).backward()` and then `optimizer.step()` instead of the scaler's.

    Where the scaler's update() has `raised`, that is said instead.
    """
    source = case.source
    if case.document.status != "finished" and not raised:
        return
    if source.calls_of("unscale_") or any(call.args for call in source.calls_of("step")):
        return
    scaled = [
        call.func.value
        for call in source.calls_of("backward")
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call)
        and name_of(call.func.value) == "scale"
    ]  # fmt: skip
    ran = {one.line for one in case.document.backward}
    for scale in scaled:
        step = next((each for each in source.calls_of("step") if each.lineno > scale.lineno), None)
        if scale.lineno not in ran or step is None:
            continue
        if not isinstance(scale.func, ast.Attribute) or not isinstance(step.func, ast.Attribute):
            continue
        scaler, owner = source.text(scale.func.value), source.text(step.func.value)
        text = f"{scaler}.step({owner})"
        if not source.calls_of("update"):
            text += f"\n{source.indent(step.lineno)}{scaler}.update()"
        yield Diagnostic(
            "scaled-gradients-used", "warning", step.lineno, "The step uses scaled gradients",
            f"The gradients are multiplied by the scale of `{scaler}`, 65,536 at first, and "
            f"`{owner}.step()` does not divide by it.",
            f"Call `{scaler}.step({owner})`, which does, and then `{scaler}.update()`.",
            edits=(source.replaced(step, text),), guide="using#optimizers",
        )  # fmt: skip
        return


# Of a tensor's norm, a gradient that an ordinary rate does not let vanish in rounding.
SMALLEST_SHARE = 1e-3


def steps_that_change_nothing(case: Case) -> Iterator[Diagnostic]:
    """Updates after which a tensor is as it was, though its gradient is large enough for one.

    One of a bias before BatchNorm is 0 but for rounding, and changes nothing at any rate.
    """
    steps = [each for each in case.document.training if each.kind == "optimizer_step"]
    got: dict[str | None, float] = {}
    for one in case.document.backward:
        for each in one.accumulated:
            got[each.tensor] = max(norm(each.after) or 0.0, got.get(each.tensor, 0.0))
    same: dict[str, list[bool]] = {}
    for event in steps:
        for each in event.changed:
            if each.before is None or each.after is None:
                continue
            if got.get(each.tensor, 0.0) > SMALLEST_SHARE * (norm(each.before) or 0.0):
                is_same = each.before.data is not None and each.before.data == each.after.data
                same.setdefault(each.tensor or "", []).append(is_same)
    still = [id for id, found in same.items() if len(found) > 1 and all(found)]
    if case.document.status == "finished" and still:
        names = ", ".join(case.call_it(case.tensors.get(id)) for id in still[:4])
        yield Diagnostic(
            "learning-rate-zero", "warning", steps[0].line, "Steps that change nothing",
            f"{names} had a gradient, and after each step is what it was before: the learning "
            "rate is 0, or so small that the sum rounds to the old value.",
            "Set the learning rate of its group; leave out parameters that are not to change.",
            tensors=tuple(still[:20]), guide="using#learning-rate",
        )  # fmt: skip


LINTS = (
    optimizer_not_stepped,
    scheduler_not_stepped,
    option_of_another_name,
    scaled_gradients_used,
    steps_that_change_nothing,
)
