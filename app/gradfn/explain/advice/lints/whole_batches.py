"""What is meant for a whole batch: statistics and masks in evaluation, the mean of a loss."""

import ast
from collections.abc import Iterator

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Diagnostic, Edit
from gradfn.model.recording import BackwardPass

# The functions of losses that are means, unless `reduction` is another.
_MEANS = ("Mean", "MseLoss", "NllLoss", "BinaryCrossEntropy", "SmoothL1Loss", "HuberLoss")
_SUM = 2  # of `reduction`, as C++ counts


def evaluated_in_training_mode(case: Case) -> Iterator[Diagnostic]:
    """A trained network with Dropout or BatchNorm, asked under no_grad(), and no eval() at all.

    Not where the same input is asked again and again: random masks are then what is wanted.
    """
    source = case.source
    code = "\n".join(source.lines)
    if case.document.status != "finished" or not ("Dropout" in code or "BatchNorm" in code):
        return
    if source.calls_of("eval") or any(call.args for call in source.calls_of("train")):
        return
    lines = [one.line for one in case.document.backward if one.line is not None]
    into = {id for one in case.document.backward for id in one.accumulated_into} & case.updated
    for call in source.calls:
        if not isinstance(call.func, ast.Name) or source.function_around(call.lineno) is not None:
            continue
        owner = call.func.id
        of_owner = (f"{owner}.", f"{owner}[")
        if not any(name.startswith(of_owner) for id in into for name in case.names(id)):
            continue
        block = next(
            filter(None, (source.block_around(call.lineno, m) for m in ("no_grad", "inference"))),
            None,
        )
        if block is None or not any(line < block.lineno for line in lines):
            continue
        if _asks_again(block, call):
            continue
        edits = [source.before(block.lineno, f"{owner}.eval()")]
        loop = source.loop_around(block.lineno)
        if loop is not None and any(loop.lineno < line < block.lineno for line in lines):
            edits.append(source.after_whole(block, f"{owner}.train()"))
        yield Diagnostic(
            "evaluated-in-training-mode", "warning", call.lineno,
            f"`{owner}` is evaluated in training mode",
            "In training mode Dropout sets random elements to zero and BatchNorm uses the "
            "statistics of this batch. no_grad() changes neither.",
            f"Call `{owner}.eval()` before evaluation, and `{owner}.train()` before training "
            "continues.",
            edits=tuple(edits), guide="using#modules",
        )  # fmt: skip
        return


def _asks_again(block: ast.With, call: ast.Call) -> bool:
    """Whether a loop in the block asks with what does not change from turn to turn."""
    given = _names(call) - {name_of(call)}
    for each in ast.walk(block):
        if call not in ast.walk(each):
            continue
        if isinstance(each, ast.For) and not _names(each.target) & given:
            return True
        if isinstance(each, ast.While):
            return True
        if isinstance(each, ast.ListComp | ast.GeneratorExp) and not any(
            _names(generator.target) & given for generator in each.generators
        ):
            return True
    return False


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def micro_batches_summed(case: Case) -> Iterator[Diagnostic]:
    """A step every few batches, whose losses are means and are not divided by their number."""
    source = case.source
    for statement in source.statements:
        every = _every(statement)
        loop = source.loop_around(statement.lineno)
        if every is None or not isinstance(loop, ast.For | ast.While):
            continue
        for line, count in _passes_a_step(case, loop, statement).items():
            (call,) = source.calls_at(line, "backward")[:1] or (None,)
            if call is None or not isinstance(call.func, ast.Attribute) or call.args:
                continue
            loss, number = call.func.value, source.text(every)
            same = isinstance(every, ast.Constant) and every.value == count
            if not (same or isinstance(every, ast.Name)) or _is_scaled(case, loss, every, line):
                continue
            yield Diagnostic(
                "micro-batches-summed", "info", line,
                f"The gradients of {count} batches are added, not averaged",
                f"`{source.text(loss)}` is the mean over one batch, and backward() adds to "
                f"`.grad` {count} times before each step: the step uses {count} times the gradient "
                f"of the mean over all {count}.",
                f"If it is the mean that you want, divide: `({source.operand(loss)} / {number})"
                ".backward()`.",
                edits=_divided(case, loss, number), guide="notes#accumulate",
            )  # fmt: skip
            return


def _every(statement: ast.stmt) -> ast.expr | None:
    """The number in `if i % number == 0:`, where a step is made."""
    if not isinstance(statement, ast.If):
        return None
    inside = (name_of(each) for each in ast.walk(statement) if isinstance(each, ast.Call))
    if "step" not in inside:
        return None
    for each in ast.walk(statement.test):
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Mod):
            return each.right
    return None


def _passes_a_step(case: Case, loop: ast.For | ast.While, step: ast.stmt) -> dict[int, int]:
    """By line in the loop: how many passes over a mean come before each step, if always so many."""
    inside = range(loop.lineno + 1, (loop.end_lineno or loop.lineno) + 1)
    within = range(step.lineno, (step.end_lineno or step.lineno) + 1)
    steps = [
        event.step
        for event in case.document.training
        if event.kind == "optimizer_step" and event.line in within and event.step is not None
    ]
    by_line: dict[int, list[BackwardPass]] = {}
    for one in case.document.backward:
        if one.line in inside and one.line not in within and one.line is not None:
            by_line.setdefault(one.line, []).append(one)
    found = {}
    for line, passes in by_line.items():
        times = [one.step for one in passes if one.step is not None]
        counts = {
            sum(low < each < high for each in times)
            for low, high in zip([-1, *steps], steps, strict=False)
        }
        if len(counts) == 1 and (count := counts.pop()) > 1 and _is_mean(case, passes[-1]):
            found[line] = count
    return found


def _is_mean(case: Case, one: BackwardPass) -> bool:
    tensors = [case.tensors[id] for id in one.roots if id in case.tensors]
    roots = [case.functions.get(each.grad_fn or "") for each in tensors]
    return bool(roots) and all(
        root is not None
        and root.name.startswith(_MEANS)
        and not any(each.argument == "reduction" and each.value == _SUM for each in root.inputs)
        for root in roots
    )


def _is_scaled(case: Case, loss: ast.expr, every: ast.expr, line: int) -> bool:
    """Whether the loss is divided, or the number divides or multiplies anything, as a rate."""
    source = case.source
    statement = source.statement(line)
    made: list[ast.AST] = [loss]
    if isinstance(loss, ast.Name) and statement is not None:
        made += source.reaching(loss.id, statement)
    scales = (ast.Div, ast.Mult)
    if any(
        isinstance(each, ast.BinOp | ast.AugAssign) and isinstance(each.op, scales)
        for root in made
        for each in ast.walk(root)
    ):
        return True
    text = source.text(every)
    return any(
        isinstance(each, ast.BinOp)
        and isinstance(each.op, scales)
        and text in (source.text(each.left), source.text(each.right))
        for root in source.statements
        for each in ast.walk(root)
    )


def _divided(case: Case, loss: ast.expr, number: str) -> tuple[Edit, ...]:
    return (case.source.replaced(loss, f"({case.source.operand(loss)} / {number})"),)


LINTS = (evaluated_in_training_mode, micro_batches_summed)
