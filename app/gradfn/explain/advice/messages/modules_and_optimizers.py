"""Texts about modules and optimizers: what they hold, and in which order they are called."""

import ast
from dataclasses import replace

from gradfn.explain.advice.causes import listed_layers
from gradfn.explain.advice.lints.unused_parts import scaled_gradients_used
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Explanation

_OPTIMIZERS = (
    "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "LBFGS",
)  # fmt: skip


def _no_parameters(text: Text) -> Explanation:
    source = text.case.source
    for kept in listed_layers(source):
        return replace(
            text.explanation,
            why=f"Line {kept.line} keeps its layers in a plain list. A module finds parameters "
            "in attributes that are modules, not in lists.",
            line=kept.line,
            edits=(kept.edit,),
        )
    for call in source.calls_at(text.line, *_OPTIMIZERS):
        given = call.args[0] if call.args else None
        binding = source.binding(given.id, text.line) if isinstance(given, ast.Name) else None
        if isinstance(binding, ast.Assign) and source.text(binding.value).endswith("parameters()"):
            made = source.text(binding.value)
            return replace(
                text.explanation,
                why=f"`{made}` of line {binding.lineno} is an iterator that gives each parameter "
                f"once, and something "
                "has already consumed it.",
                fix="Keep them in a list.",
                line=binding.lineno,
                edits=(source.replaced(binding.value, f"list({made})"),),
            )
    return text.explanation


def _swapped_steps(text: Text) -> Explanation:
    """The scheduler's step after the optimizer's, when both stand in one block."""
    source = text.case.source
    early = source.statement(text.line)
    for statement in source.statements:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="step"))) if (
                early is not None
                and statement.lineno > early.lineno
                and statement.col_offset == early.col_offset
            ):
                first = source.replaced(early, source.text(statement))
                second = source.replaced(statement, source.text(early))
                return replace(text.explanation, line=early.lineno, edits=(first, second))
            case _:
                pass
    return text.explanation


def _super_first(text: Text) -> Explanation:
    for statement in text.case.source.statements:
        if isinstance(statement, ast.FunctionDef) and statement.name == "__init__":
            calls = {
                name_of(each)
                for each in text.case.source.calls
                if statement.lineno <= each.lineno <= (statement.end_lineno or 0)
            }
            if "__init__" not in calls:
                first = statement.body[0].lineno
                edit = text.case.source.before(first, "super().__init__()")
                return replace(text.explanation, line=statement.lineno, edits=(edit,))
    return text.explanation


def _stepped_by_the_scaler(text: Text) -> Explanation:
    found = next(scaled_gradients_used(text.case, raised=True), None)
    if found is None:
        return text.explanation
    return replace(text.explanation, line=found.line, edits=found.edits)


MESSAGES = (
    Message(
        "no-parameters",
        r"optimizer got an empty parameter list",
        "The optimizer was given no parameters",
        "The module has no parameters registered.",
        "Keep layers as attributes, or in `nn.ModuleList` or `nn.Sequential`, never in a "
        "plain list.",
        "using#optimizers",
        _no_parameters,
    ),
    Message(
        "scheduler-first",
        r"Detected call of `lr_scheduler\.step\(\)` before `optimizer\.step\(\)`",
        "The scheduler's step came before the optimizer's",
        "The first learning rate is therefore never used.",
        "Call `optimizer.step()` first, then `scheduler.step()`.",
        "using#optimizers",
        _swapped_steps,
    ),
    Message(
        "scaler-not-stepped",
        r"No inf checks were recorded (?:prior to update|for this optimizer)",
        "The GradScaler has not made the step",
        "`scaler.update()` looks at what `scaler.step(optimizer)` found, infinite gradients most "
        "of all, and that has not run since the last update, or the optimizer had no gradients.",
        "Call `scaler.step(optimizer)` in place of `optimizer.step()`, then `scaler.update()`.",
        "using#optimizers",
        _stepped_by_the_scaler,
    ),
    Message(
        "parameter-in-two-groups",
        r"some parameters appear in more than one parameter group"
        r"|optimizer contains a parameter group with duplicate parameters",
        "A parameter is listed twice",
        "Each step would change it twice. Weights that modules share have one entry in "
        "`parameters()` of the module around them, and one in that of each part.",
        "Pass `net.parameters()` of the whole model, or leave out of a group what another has.",
        "using#optimizers",
    ),
    Message(
        "unused-parameters",
        r"Expected to have finished reduction in the prior iteration",
        "Some parameters were not used for the loss",
        "DistributedDataParallel waits for the gradient of every parameter, and some got none. "
        "Run the model here in one process: parameters without gradient are named.",
        "Use every parameter in forward(), freeze those that are not to be trained, or pass "
        "`find_unused_parameters=True`.",
        "using#optimizers",
    ),
    Message(
        "module-not-initialised",
        r"cannot assign (?:module|parameters?) before Module\.__init__\(\) call",
        "The module's own __init__ has not run yet",
        "nn.Module.__init__ creates the tables in which layers and parameters are registered.",
        "Begin your `__init__` with `super().__init__()`.",
        "using#modules",
        _super_first,
    ),
)
