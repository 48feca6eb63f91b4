"""The order of backward(), clipping, step() and zero_grad(), and what a closure must do itself."""

import ast
from collections.abc import Iterator, Sequence

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Diagnostic, Edit

_CLIPS = ("clip_grad_norm_", "clip_grad_value_")


def clipped_after_the_step(case: Case) -> Iterator[Diagnostic]:
    """backward(), step() and only then clipping, in one block."""
    for block in _blocks(case):
        steps: dict[str, ast.stmt] = {}
        for statement in block:
            calls = [each for each in ast.walk(statement) if isinstance(each, ast.Call)]
            names = {name_of(each) for each in calls}
            if "backward" in names:
                steps.clear()
            clip = next((each for each in calls if name_of(each) in _CLIPS), None)
            if clip is not None and steps and _has_passed(case, block, statement):
                step = next(iter(steps.values()))
                yield Diagnostic(
                    "clipped-after-step", "warning", statement.lineno,
                    "The gradients are clipped after the step",
                    f"Line {step.lineno} has already used the gradients when line "
                    f"{statement.lineno} clips them, so the clipping has no effect on it.",
                    "The order is `backward()`, `clip_grad_norm_()`, `step()`.",
                    edits=_swapped(case, step, statement), guide="using#optimizers",
                )  # fmt: skip
                return
            if isinstance(statement, ast.Expr) and "step" in names and not names & set(_CLIPS):
                owner = _owner(case, statement)
                if owner in _optimizers(case):
                    steps.setdefault(owner, statement)


def clipped_while_scaled(case: Case) -> Iterator[Diagnostic]:
    """`scaler.scale(loss).backward()`, clipping, `scaler.step()`, without `unscale_`."""
    if case.source.calls_of("unscale_"):
        return
    for block in _blocks(case):
        scaled, clip = False, None
        for statement in block:
            calls = [each for each in ast.walk(statement) if isinstance(each, ast.Call)]
            names = {name_of(each) for each in calls}
            scaled = scaled or {"scale", "backward"} <= names
            if scaled and names & set(_CLIPS):
                clip = statement
            step = next((each for each in calls if name_of(each) == "step" and each.args), None)
            if clip is None or step is None or not isinstance(step.func, ast.Attribute):
                continue
            scaler, optimizer = case.source.text(step.func.value), case.source.text(step.args[0])
            call = f"{scaler}.unscale_({optimizer})"
            yield Diagnostic(
                "clipped-while-scaled", "warning", clip.lineno,
                "Scaled gradients are clipped",
                "The gradients are still multiplied by the scale of the GradScaler, so the "
                "clipping compares the limit with numbers that are too large by that factor.",
                f"Call `{call}` before clipping.",
                edits=(case.source.before(clip.lineno, call),), guide="using#optimizers",
            )  # fmt: skip
            return


def closure_does_not_clear(case: Case) -> Iterator[Diagnostic]:
    """A closure of LBFGS that runs backward() without zero_grad(): it is called many times."""
    source = case.source
    functions = {each.name: each for each in source.statements if isinstance(each, ast.FunctionDef)}
    for call in source.calls_of("step"):
        given = call.args[0] if len(call.args) == 1 else None
        closure = functions.get(given.id) if isinstance(given, ast.Name) else None
        owner = case.source.text(call.func).removesuffix(".step")
        if closure is None or "LBFGS" not in _maker(case, owner):
            continue
        inside = [each for each in source.calls if _within(each, closure)]
        names = {name_of(each) for each in inside}
        cleared = "zero_grad" in names or any(
            isinstance(each, ast.Attribute)
            and each.attr == "grad"
            and isinstance(each.ctx, ast.Store)
            for each in ast.walk(closure)
        )
        backward = next((each for each in inside if name_of(each) == "backward"), None)
        ran = [one for one in case.document.backward if backward and one.line == backward.lineno]
        if cleared or backward is None or len(ran) < 2:
            continue
        yield Diagnostic(
            "grad-accumulated", "warning", backward.lineno,
            "Gradients add up over the evaluations of the closure",
            f"`{owner}.step({closure.name})` calls `{closure.name}` several times, and backward() "
            "adds to `.grad` each time: every evaluation uses the sum of all gradients so far.",
            f"Call `{owner}.zero_grad()` inside the closure.",
            edits=(source.before(closure.body[0].lineno, f"{owner}.zero_grad()"),),
            guide="notes#accumulate",
        )  # fmt: skip
        return


def _within(node: ast.expr, function: ast.FunctionDef) -> bool:
    return function.lineno < node.lineno <= (function.end_lineno or 0)


def _blocks(case: Case) -> Iterator[Sequence[ast.stmt]]:
    """The simple statements of each block, in order."""
    for owner in ast.walk(case.source.tree):
        body = getattr(owner, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield [each for each in body if isinstance(each, ast.Expr | ast.Assign)]


def _has_passed(case: Case, block: Sequence[ast.stmt], clip: ast.stmt) -> bool:
    """Whether a backward pass ran in the block before the clipping."""
    return any(
        one.line is not None and block[0].lineno <= one.line < clip.lineno
        for one in case.document.backward
    )


def _owner(case: Case, statement: ast.Expr) -> str:
    value = statement.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return case.source.text(value.func.value)
    return ""


def _optimizers(case: Case) -> set[str]:
    """What is written before `.step()` where the run has seen an optimizer's step."""
    codes = (each.code for each in case.document.training if each.kind == "optimizer_step")
    return {code.partition(".step(")[0] for code in codes}


def _maker(case: Case, name: str) -> str:
    """The text that binds a name."""
    binding = case.source.binding(name)
    return case.source.text(binding) if binding is not None else ""


def _swapped(case: Case, step: ast.stmt, clip: ast.stmt) -> tuple[Edit, ...]:
    """The clipping moved to before the step."""
    source = case.source
    gone = Edit(clip.lineno, clip.end_lineno or clip.lineno, "")
    return (source.before(step.lineno, source.text(clip)), gone)


LINTS = (clipped_after_the_step, clipped_while_scaled, closure_does_not_clear)
