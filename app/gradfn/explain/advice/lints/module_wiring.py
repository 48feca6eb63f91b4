"""Modules and parameters that are not wired as they look: converted, shared, frozen, bypassed."""

import ast
from collections.abc import Iterator

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.source import name_of
from gradfn.model.document import Diagnostic, Edit, Tensor

_CONVERSIONS = frozenset(
    ("to", "cuda", "cpu", "double", "float", "half", "bfloat16", "type", "view", "reshape",
     "contiguous", "clone", "squeeze", "unsqueeze", "transpose", "t", "expand", "repeat")
)  # fmt: skip
_FOLLOWERS = ("target", "teacher", "ema", "average", "old", "previous", "frozen", "reference")


def parameter_converted(case: Case) -> Iterator[Diagnostic]:
    """`self.w = nn.Parameter(…).to(…)`: the result is an ordinary tensor."""
    for statement in case.source.statements:
        match statement:
            case ast.Assign(
                targets=[ast.Attribute(attr=name, value=ast.Name(id="self"))],
                value=ast.Call(func=ast.Attribute(attr=how, value=ast.Call() as made)) as value,
            ) if how in _CONVERSIONS and name_of(made) == "Parameter" and len(made.args) == 1:
                pass
            case _:
                continue
        source = case.source
        rest = source.text(value)[len(source.text(made)) :]
        inner = f"{source.text(made.func)}({source.operand(made.args[0])}{rest})"
        yield Diagnostic(
            "parameter-converted", "warning", statement.lineno,
            f"`self.{name}` is not a parameter",
            f"`.{how}()` of a Parameter returns an ordinary tensor that was computed from it. The "
            "module does not register it, so it is not in `parameters()` and no optimizer "
            "changes it.",
            f"Convert first: `{inner}`.",
            edits=(source.replaced(value, inner),) if not made.keywords else (),
            guide="using#modules",
        )  # fmt: skip


def flag_on_a_slice(case: Case) -> Iterator[Diagnostic]:
    """`weight[4:].requires_grad = True`: the slice is a tensor of its own."""
    for statement in case.source.statements:
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Attribute(attr="requires_grad", value=ast.Subscript() as part)]
                )
                | ast.Expr(
                    value=ast.Call(
                        func=ast.Attribute(attr="requires_grad_", value=ast.Subscript() as part)
                    )
                )
            ):
                pass
            case _:
                continue
        whole = case.source.text(part.value)
        tensor = case.named.get(whole)
        if tensor is None or case.source.text(part) in case.named:
            continue  # a list of tensors
        yield Diagnostic(
            "flag-on-a-slice", "warning", statement.lineno, "requires_grad of a slice is lost",
            f"`{case.source.text(part)}` is a new tensor, and this line sets the flag of that one "
            f"only. `{whole}` stays as it is: requires_grad is a flag of the whole tensor.",
            f"Let `{whole}` require grad, and clear the gradient of the other rows in a hook: "
            f"`{whole}.register_hook(lambda grad: grad * mask)`.",
            tensors=(tensor.id,), guide="notes#leaves",
        )  # fmt: skip


def frozen_batch_norm(case: Case) -> Iterator[Diagnostic]:
    """A frozen BatchNorm in training mode: its running statistics change all the same."""
    if not case.document.backward or case.document.status != "finished":
        return
    ever = {id for one in case.document.backward for id in one.accumulated_into}
    for name, tensor in case.named.items():
        owner, _, attribute = name.rpartition(".")
        weight = case.named.get(f"{owner}.weight")
        if attribute != "num_batches_tracked" or weight is None or weight.requires_grad:
            continue
        counted = tensor.value.data[0] if tensor.value is not None and tensor.value.data else 0
        if not counted or weight.id in ever or weight.id in case.updated:
            continue
        frozen = _frozen_module(case, owner)
        if frozen is None or case.source.calls_of("load_state_dict"):
            continue
        freezing = _freezing(case, frozen)
        line = freezing.lineno if freezing is not None else None
        calm = not case.source.calls_of("train") and frozen in _module_names(case)
        yield Diagnostic(
            "frozen-batch-norm", "warning", line, "A frozen BatchNorm still changes",
            f"`{owner}` has no parameter that requires grad, but it is in training mode: each "
            "forward pass updates its running mean and variance, and it normalises by the batch.",
            f"Call `{frozen}.eval()` after freezing it, and after each `train()` of a module that "
            "contains it.",
            tensors=(tensor.id,),
            edits=(case.source.after_whole(freezing, f"{frozen}.eval()"),)
            if calm and freezing else (),
            guide="using#modules",
        )  # fmt: skip
        return


def _frozen_module(case: Case, owner: str) -> str | None:
    """The largest module around `owner` none of whose parameters requires grad."""
    parts = [at for at, letter in enumerate(owner) if letter in ".["] + [len(owner)]
    for end in parts:
        inside = [
            tensor
            for name, tensor in case.named.items()
            if name.startswith((f"{owner[:end]}.", f"{owner[:end]}["))
        ]
        if inside and not any(each.requires_grad for each in inside):
            return owner[:end]
    return None


def _module_names(case: Case) -> set[str]:
    """The names of networks; modules of Python are of the same kind."""
    return {
        each.name
        for each in case.document.variables
        if each.kind == "module" and not each.repr.startswith("<module ")
    }


def _freezing(case: Case, module: str) -> ast.stmt | None:
    """The statement that freezes a module: the loop over its parameters, or requires_grad_()."""
    source = case.source
    for statement in sorted(source.statements, key=lambda each: each.lineno):
        text = source.text(statement)
        if isinstance(statement, ast.For | ast.Expr) and module in text and "requires_grad" in text:
            return statement
    return None


def forward_called(case: Case) -> Iterator[Diagnostic]:
    """`net.forward(x)` of a module with hooks, which only calling the module runs."""
    hooked = [each for each in case.source.calls if name_of(each) in _HOOKS]
    if not hooked:
        return
    for call in case.source.calls_of("forward"):
        if not isinstance(call.func, ast.Attribute):
            continue
        owner = case.source.text(call.func.value)
        with_hook = {
            case.source.text(each.func.value)
            for each in hooked
            if isinstance(each.func, ast.Attribute)
        }
        if owner not in with_hook:
            continue
        yield Diagnostic(
            "forward-called-directly", "warning", call.lineno,
            f"`{owner}.forward()` does not run hooks",
            f"`{owner}` has a hook, and hooks run when the module itself is called.",
            f"Call `{owner}(…)`.",
            edits=(case.source.replaced(call.func, owner),), guide="using#modules",
        )  # fmt: skip
        return


_HOOKS = frozenset(
    ("register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
     "register_full_backward_pre_hook")
)  # fmt: skip


def second_name_for_a_module(case: Case) -> Iterator[Diagnostic]:
    """`target = online`: both names are one network."""
    modules = _module_names(case)
    for statement in case.source.statements:
        match statement:
            case ast.Assign(targets=[ast.Name(id=copy)], value=ast.Name(id=original)):
                pass
            case _:
                continue
        if not {copy, original} <= modules or not _is_follower(copy):
            continue
        trained = any(
            name.startswith((f"{original}.", f"{original}["))
            for id in case.updated
            for name in case.names(id)
        )
        if not trained:
            continue
        edits = [case.source.replaced(statement, f"{copy} = deepcopy({original})")]
        if "deepcopy" not in case.source.names:
            first = min(
                each.lineno for each in case.source.statements if isinstance(each, ast.Import)
            )
            edits.append(Edit(first, first - 1, "from copy import deepcopy"))
        yield Diagnostic(
            "second-name", "warning", statement.lineno, f"`{copy}` is no copy of `{original}`",
            "The assignment gives the same module a second name, so each step that changes "
            f"`{original}` changes `{copy}` as well.",
            f"Copy it: `{copy} = deepcopy({original})`.",
            edits=tuple(edits), guide="using#modules",
        )  # fmt: skip
        return


def _is_follower(name: str) -> bool:
    return any(part in name.lower().split("_") for part in _FOLLOWERS)


def held_by_another_optimizer(case: Case) -> Iterator[Diagnostic]:
    """An optimizer whose tensors are none of those that get gradients: they were replaced."""
    if case.document.status != "finished":
        return
    reached = {id for one in case.document.backward for id in one.accumulated_into}
    got = [tensor for id in reached if (tensor := case.tensors.get(id)) and _is_parameter(tensor)]
    for event in case.document.training:
        held = {each.tensor for each in event.changed if each.tensor is not None}
        owner = event.code.removesuffix(".zero_grad()")
        steps = [
            each
            for each in case.document.training
            if each.kind == "optimizer_step" and each.code.startswith(f"{owner}.step(")
        ]
        if event.kind != "zero_grad" or not held or not steps or any(e.changed for e in steps):
            continue
        unnamed = all(not case.names(id) for id in held)
        if not got or held & reached or not unnamed:
            continue
        cause = _replacing(case)
        names = ", ".join(f"`{each.names[0]}`" for each in got[:4] if each.names)
        yield Diagnostic(
            "optimizer-of-others", "warning", cause or steps[0].line,
            "The optimizer holds other tensors than the network",
            f"Gradients go to {names}, and `{owner}` holds parameters that the network no longer "
            "has" + (f": line {cause} replaced them." if cause else "."),
            "Make the optimizer after the network has its final parameters.",
            tensors=tuple(each.id for each in got[:20]), guide="using#optimizers",
        )  # fmt: skip
        return


def _is_parameter(tensor: Tensor) -> bool:
    return tensor.role == "parameter" and bool(tensor.names)


def _replacing(case: Case) -> int | None:
    """`load_state_dict(…, assign=True)`, which puts other tensors into a module."""
    for call in case.source.calls_of("load_state_dict"):
        for each in call.keywords:
            if each.arg == "assign" and case.source.text(each.value) == "True":
                return call.lineno
    return None


def loss_that_is_a_leaf(case: Case) -> Iterator[Diagnostic]:
    """`loss.requires_grad = True` of a loss without history: a backward pass of nothing."""
    roots = {id for one in case.own for id in one.roots}
    for statement in case.source.statements:
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Attribute(attr="requires_grad", value=ast.Name(id=name))],
                    value=ast.Constant(value=True),
                )
                | ast.Expr(
                    value=ast.Call(
                        func=ast.Attribute(attr="requires_grad_", value=ast.Name(id=name))
                    )
                )
            ):
                pass
            case _:
                continue
        tensor = case.named.get(name)
        computed = any(
            isinstance(part, ast.Name) and part.id in _module_names(case)
            for each in case.source.statements
            if isinstance(each, ast.Assign) and case.source.text(each.targets[0]) == name
            for part in ast.walk(each.value)
        )
        if tensor is None or not tensor.is_leaf or tensor.id not in roots or not computed:
            continue
        yield Diagnostic(
            "loss-is-a-leaf", "warning", statement.lineno, f"`{name}` has no history",
            f"`{name}` was computed from tensors none of which requires grad. The flag makes it a "
            "leaf: backward() fills its own `.grad` with 1 and reaches no parameter.",
            "Leave this line out, and find what disabled requires_grad or cut the history.",
            tensors=(tensor.id,), guide="notes#leaves",
        )  # fmt: skip
        return


LINTS = (
    parameter_converted,
    flag_on_a_slice,
    frozen_batch_norm,
    forward_called,
    second_name_for_a_module,
    held_by_another_optimizer,
    loss_that_is_a_leaf,
)
