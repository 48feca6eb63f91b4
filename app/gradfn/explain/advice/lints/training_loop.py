"""Training loops: what is cleared, what is updated and how often, and what stays in memory."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.lints.gradient_values import is_finite, norm
from gradfn.explain.advice.source import keyword_of
from gradfn.model.document import Diagnostic, Edit
from gradfn.model.recording import BackwardPass


def _by_line(case: Case) -> dict[int, list[BackwardPass]]:
    found: dict[int, list[BackwardPass]] = defaultdict(list)
    for one in case.document.backward:
        if one.line is not None and one.call == "backward":
            found[one.line].append(one)
    return found


def gradients_not_cleared(case: Case) -> Iterator[Diagnostic]:
    """Updates between passes whose gradients were never cleared."""
    cleared = {
        each.tensor
        for event in case.document.training
        if event.kind == "zero_grad"
        for each in event.changed
    }
    for line, passes in _by_line(case).items():
        steps = [one.step for one in passes if one.step is not None]
        if len(steps) < 2:
            continue
        kept = [
            each.tensor
            for each in passes[-1].accumulated
            if each.tensor is not None and each.tensor not in cleared and norm(each.before)
        ]
        between = [id for step, id in case.updates if steps[0] < step < steps[-1] and id in kept]
        if not between:
            continue
        names = [case.call_it(case.tensors.get(id)) for id in dict.fromkeys(between)]
        listed = ", ".join(names[:4])
        yield Diagnostic(
            "grad-accumulated", "warning", line, "Gradients add up over the iterations",
            f"backward() adds to `.grad`, and nothing clears it: each update of {listed} "
            "uses the sum of all gradients so far.",
            "Clear it in each iteration with `optimizer.zero_grad()` or `w.grad = None`.",
            tensors=tuple(dict.fromkeys(between))[:20], edits=_clearing(case, line, names),
            guide="notes#accumulate",
        )  # fmt: skip


def _clearing(case: Case, line: int, names: list[str]) -> tuple[Edit, ...]:
    for event in case.document.training:
        if event.kind == "optimizer_step" and event.code.endswith(".step()"):
            return (case.source.before(line, event.code.removesuffix("step()") + "zero_grad()"),)
    indent = case.source.indent(line)
    plain = [each.strip("`") for each in names if each.strip("`").isidentifier()]
    text = f"\n{indent}".join(f"{each}.grad = None" for each in plain)
    return (case.source.before(line, text),) if plain else ()


def graph_kept_alive(case: Case) -> Iterator[Diagnostic]:
    """`total += loss` in a loop that runs backward passes."""
    lines = [one.line for one in case.document.backward]
    for statement in case.source.statements:
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=added):
                pass
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=added),
            ) if left == name:
                pass
            case _:
                continue
        tensor = case.named.get(name)
        if tensor is None or tensor.grad_fn is None or tensor.grad_fn in case.passed:
            continue
        loop = case.source.loop_around(statement.lineno)
        if loop is None:
            continue
        inside = any(line and loop.lineno < line <= (loop.end_lineno or 0) for line in lines)
        if not inside or not case.reached([tensor.grad_fn]) & case.passed:
            continue
        written = case.source.operand(added)
        yield Diagnostic(
            "graph-kept-alive", "warning", statement.lineno,
            f"`{name}` keeps the graph of every iteration alive",
            f"`{case.source.text(added)}` is a tensor with a history, and so is the sum: the "
            "graphs of all iterations stay in memory, and memory use grows.",
            f"Add the number: `{written}.item()`.",
            tensors=(tensor.id,), functions=(tensor.grad_fn,),
            edits=(case.source.replaced(added, f"{written}.item()"),), guide="notes#accumulate",
        )  # fmt: skip


def leaf_rebound(case: Case) -> Iterator[Diagnostic]:
    """`w = w - lr * w.grad`: the name is bound to a tensor that is not a trainable leaf."""
    if case.document.status != "finished":
        return
    for statement in case.source.statements:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.BinOp(
                    left=ast.Name(id=left), op=ast.Sub() | ast.Add() as op, right=right
                ),
            ) if left == name:
                pass
            case _:
                continue
        grads = [
            each
            for each in ast.walk(right)
            if isinstance(each, ast.Attribute) and each.attr == "grad"
            and isinstance(each.value, ast.Name) and each.value.id == name
        ]  # fmt: skip
        tensor = case.named.get(name)
        if not grads or tensor is None or (tensor.is_leaf and tensor.requires_grad):
            continue
        sign = "-" if isinstance(op, ast.Sub) else "+"
        update = f"{name} {sign}= {case.source.text(right)}"
        indent = case.source.indent(statement.lineno)
        inside = case.source.block_around(statement.lineno, "no_grad")
        text = update if inside else f"with torch.no_grad():\n{indent}    {update}"
        yield Diagnostic(
            "leaf-rebound", "warning", statement.lineno, f"`{name}` is no longer the leaf",
            f"`{name} = …` binds the name to a new tensor, " + (
                "which does not require grad." if inside else
                "the result of an operation: backward() will not fill its `.grad`."),
            f"Change the leaf itself: `with torch.no_grad(): "
            f"{update}`.",
            tensors=(tensor.id,), edits=(case.source.replaced(statement, text),),
            guide="notes#leaves",
        )  # fmt: skip


def parameters_not_updated(case: Case) -> Iterator[Diagnostic]:
    """Parameters that get gradients while an optimizer steps others, and never change.

    Not where only an input is optimised, nor those of a module that was put in eval mode.
    """
    steps = [e.step for e in case.document.training if e.kind == "optimizer_step" and e.changed]
    if not steps or case.document.status != "finished":
        return
    parameters = {each.id for each in case.document.graph.tensors if each.role == "parameter"}
    if not case.updated & parameters:
        return
    still = tuple(
        f"{case.source.text(call.func).removesuffix('.eval')}"
        for call in case.source.calls_of("eval")
    )
    missing = [
        tensor
        for one in case.document.backward
        if one.step is not None and any(step is not None and step > one.step for step in steps)
        for each in one.accumulated
        if (tensor := case.tensors.get(each.tensor or "")) is not None
        and tensor.role == "parameter" and tensor.id not in case.updated
        and not any(name.startswith(still) for name in tensor.names)
    ]  # fmt: skip
    unique = {each.id: each for each in missing if each.alive and each.names}
    if unique:
        names = ", ".join(f"`{each.names[0]}`" for each in list(unique.values())[:6] if each.names)
        yield Diagnostic(
            "parameter-in-no-optimizer", "warning", _step_line(case), "Some parameters "
            "are in no optimizer",
            f"{names} get gradients, but no step changes them.",
            "Pass all parameters to the optimizer: `net.parameters()`. If they are not meant to "
            "change, "
            "freeze them with `requires_grad_(False)`.",
            tensors=tuple(unique)[:20], guide="using#optimizers",
        )  # fmt: skip


def _step_line(case: Case) -> int | None:
    return next((e.line for e in case.document.training if e.kind == "optimizer_step"), None)


def frozen_in_optimizer(case: Case) -> Iterator[Diagnostic]:
    """An optimizer whose every parameter is frozen, or got no gradient."""
    for event in case.document.training:
        if event.kind != "optimizer_step" or event.changed or event.step is None:
            continue
        if not event.code.endswith(".step()"):
            continue  # with a closure, values change while it runs
        before = [o for o in case.document.backward if o.step is not None and o.step < event.step]
        ever = any(e.kind == "optimizer_step" and e.changed for e in case.document.training)
        if ever or case.document.status != "finished":
            return
        cleared = [e for e in case.document.training if e.kind == "zero_grad" and e.step is not None
                   and before and (before[-1].step or 0) < e.step < event.step]  # fmt: skip
        if cleared:
            return
        if not before:
            yield Diagnostic(
                "step-without-gradient", "warning", event.line, "A step before any backward pass",
                "No parameter had a gradient, so the step changed nothing.",
                "Call `loss.backward()` before `optimizer.step()`.",
                edits=_step_moved(case, event.line), guide="using#optimizers",
            )  # fmt: skip
            return
        yield Diagnostic(
            "optimizer-of-frozen", "warning", event.line, "The step changed nothing",
            "Each parameter of this optimizer is frozen, or no backward pass reached it.",
            "Give it the parameters that the loss depends on and that require grad.",
            guide="using#optimizers",
        )  # fmt: skip
        return


def _step_moved(case: Case, line: int | None) -> tuple[Edit, ...]:
    """The step put after the backward pass that follows it in the same block."""
    step = case.source.statement(line)
    for one in case.document.backward[:1]:
        backward = case.source.statement(one.line)
        if step is None or backward is None or not isinstance(step, ast.Expr):
            continue
        inside = case.source.loop_around(step.lineno) is case.source.loop_around(backward.lineno)
        if inside and backward.lineno > step.lineno and backward.col_offset == step.col_offset:
            gone = Edit(step.lineno, step.end_lineno or step.lineno, "")
            return (gone, case.source.after(backward.lineno, case.source.text(step)))
    return ()


def cleared_before_the_step(case: Case) -> Iterator[Diagnostic]:
    """`zero_grad()` between backward() and step()."""
    events = [e for e in case.document.training if e.step is not None]
    for stepped in events:
        if stepped.kind != "optimizer_step" or stepped.changed:
            continue
        passes = [o.step for o in case.document.backward if o.step and o.step < (stepped.step or 0)]
        if not passes:
            continue
        for cleared in events:
            if cleared.kind != "zero_grad" or not passes[-1] < (cleared.step or 0) < (
                stepped.step or 0
            ):
                continue
            first, second = case.source.statement(cleared.line), case.source.statement(stepped.line)
            edits: tuple[Edit, ...] = ()
            if first is not None and second is not None and first.col_offset == second.col_offset:
                edits = (
                    case.source.replaced(first, case.source.text(second)),
                    case.source.replaced(second, case.source.text(first)),
                )
            yield Diagnostic(
                "cleared-before-step", "warning", cleared.line, "The gradients are "
                "cleared before the step",
                f"Line {cleared.line} clears the gradients that backward() computed, so line "
                f"{stepped.line} has none to use.",
                "The order is `zero_grad()`, `backward()`, `step()`.", edits=edits,
                guide="using#optimizers",
            )  # fmt: skip
            return


def diverging(case: Case) -> Iterator[Diagnostic]:
    """A loss that grows from pass to pass while something is updated."""
    if any(keyword_of(call, "maximize") is True for call in case.source.calls):
        return
    updates = [step for step, _ in case.updates]
    for line, passes in _by_line(case).items():
        values = [one.root_values[0] if one.root_values else None for one in passes]
        steps = [one.step or 0 for one in passes]
        losses = [n for each in values if is_finite(each) and (n := norm(each)) is not None]
        broke = len(losses) < len(values) and bool(losses) and is_finite(values[0])
        if len(values) < 4 or not any(steps[0] < each < steps[-1] for each in updates):
            continue
        last = losses[-3:]
        grows = (
            len(losses) > 2 and losses[0] > 0 and last == sorted(last) and last[-1] > 10 * losses[0]
        )
        gradients = [n for one in passes if (n := _steepest(case, one)) is not None]
        steeper = len(gradients) > 1 and gradients[-1] > 2 * gradients[0]
        if grows and (broke or (last[-1] == max(losses) and steeper)):
            end = "is no longer finite" if broke else f"is {last[-1]:.3g} at the end"
            yield Diagnostic(
                "learning-rate-too-large", "warning", line, "The loss grows: the "
                "learning rate is too large",
                f"It started at {losses[0]:.3g} and {end}: each step overshoots, and the "
                f"next gradient is larger.",
                "Divide the learning rate by 10, or scale the inputs.", guide="using#learning-rate",
            )  # fmt: skip
            return


def _steepest(case: Case, one: BackwardPass) -> float | None:
    """The largest norm of what a pass sent to a leaf."""
    ends = {id for id, each in case.functions.items() if each.accumulates}
    ends_of = [each for each in one.functions if each.function in ends]
    sent = [norm(grad) for each in ends_of for grad in each.grad_outputs]
    return max((each for each in sent if each is not None), default=None)


LINTS = (
    gradients_not_cleared,
    graph_kept_alive,
    leaf_rebound,
    parameters_not_updated,
    frozen_in_optimizer,
    cleared_before_the_step,
    diverging,
)
