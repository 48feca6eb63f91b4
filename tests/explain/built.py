"""Run documents made from real PyTorch, operation by operation: the graph, the values, one pass."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from gradfn.model.document import (
    Function,
    Graph,
    NextFunction,
    Operand,
    RunDocument,
    Tensor,
    TensorValue,
)
from gradfn.model.recording import BackwardPass, Changed, PassedFunction


@dataclass(frozen=True)
class Made:
    """One line of a program: `name = function(*inputs)`, with the schema's names of the inputs."""

    name: str
    function: Callable[..., torch.Tensor]
    inputs: dict[str, Any]


def built(
    leaves: dict[str, torch.Tensor],
    lines: Sequence[Made],
    *,
    hooks: dict[str, Callable[[Any], Any]] | None = None,
    between: Callable[[dict[str, torch.Tensor]], None] | None = None,
) -> RunDocument:
    """The document of a program whose last line is the root, run backwards from ones.

    An input is the name of a tensor, a list of names, or a value. `between` runs before the pass.
    """
    made = dict(leaves)
    for line in lines:
        made[line.name] = line.function(*(_given(each, made) for each in line.inputs.values()))
        if hooks and line.name in hooks:
            made[line.name].register_hook(hooks[line.name])
    values = {name: _value(tensor) for name, tensor in made.items()}
    if between:
        between(made)
    root = made[lines[-1].name]
    nodes = _nodes(root.grad_fn)
    ids = {node: f"f{nr + 1}" for nr, node in enumerate(nodes)}
    passed: list[PassedFunction] = []
    for node in nodes:
        node.register_hook(
            lambda sent, got, id=ids[node]: passed.append(
                PassedFunction(id, tuple(map(_value, got)), tuple(map(_value, sent)))
            )
        )
    seed = torch.ones_like(root)
    before = {name: _value(leaf.grad) for name, leaf in leaves.items()}
    torch.autograd.backward(root, seed)
    tensors = {name: f"t{nr + 1}" for nr, name in enumerate(made)}
    by_node = {made[line.name].grad_fn: line for line in lines}
    graph = Graph(
        tuple(_tensor(name, made[name], values[name], tensors, ids) for name in made),
        tuple(_function(node, ids, by_node.get(node), tensors, leaves) for node in nodes),
    )
    accumulated = tuple(
        Changed(name, tensors[name], before[name], _value(leaf.grad))
        for name, leaf in leaves.items()
        if leaf.requires_grad
    )
    run = BackwardPass(
        1, "backward", (tensors[lines[-1].name],), (), tuple(passed),
        seed=(_value(seed),), accumulated=accumulated,
    )  # fmt: skip
    return replace(RunDocument(), graph=graph, backward=(run,))


def _given(given: Any, made: dict[str, torch.Tensor]) -> Any:
    if isinstance(given, list):
        return [_given(each, made) for each in given]
    return made[given] if isinstance(given, str) else given


def _value(tensor: Any) -> TensorValue | None:
    if tensor is None:
        return None
    dtype = str(tensor.dtype).removeprefix("torch.")
    return TensorValue(list(tensor.shape), dtype, tensor.detach().reshape(-1).tolist(), None)


def _nodes(root: Any) -> list[Any]:
    found, stack = {root: None}, [root]
    while stack:
        for following, _ in stack.pop().next_functions:
            if following is not None and following not in found:
                found[following] = None
                stack.append(following)
    return list(found)


def _tensor(
    name: str, tensor: torch.Tensor, value: Any, ids: dict[str, str], functions: dict[Any, str]
) -> Tensor:
    return Tensor(
        id=ids[name],
        names=(name,),
        role="intermediate" if tensor.grad_fn else "leaf" if tensor.requires_grad else "constant",
        is_leaf=tensor.is_leaf,
        requires_grad=tensor.requires_grad,
        retains_grad=False,
        grad_fn=functions.get(tensor.grad_fn),
        output_nr=tensor.output_nr,
        value=value,
        grad=None,
        version=0,
    )


def _function(
    node: Any,
    ids: dict[Any, str],
    line: Made | None,
    tensors: dict[str, str],
    leaves: dict[str, torch.Tensor],
) -> Function:
    edges = (
        (following and NextFunction(ids[following], nr)) for following, nr in node.next_functions
    )
    inputs = []
    for argument, given in (line.inputs if line else {}).items():
        listed = isinstance(given, list) and all(isinstance(each, str) for each in given)
        for nr, each in enumerate(given if listed else [given]):
            tensor = tensors.get(each) if isinstance(each, str) else None
            value = None if tensor else str(each) if isinstance(each, list) else each
            inputs.append(Operand(f"{argument}[{nr}]" if listed else argument, tensor, value))
    leaf = getattr(node, "variable", None)
    variable = next((tensors[name] for name, each in leaves.items() if each is leaf), None)
    outputs = (tensors[line.name],) if line else ()
    return Function(ids[node], node.name(), tuple(edges), tuple(inputs), outputs, variable=variable)
