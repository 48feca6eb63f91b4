"""Every entry of the table of operations says what autograd does, in float64.

Each node is made by real PyTorch; the arguments are those that the dispatcher passed on. Forward
is compared with PyTorch's result, vᵀ·J with what the node itself gives for a random v.
"""

from typing import Any

import pytest
import torch
from torch.autograd.graph import GradientEdge
from torch.utils._python_dispatch import TorchDispatchMode

from gradfn.explain.arrays.array import Array
from gradfn.explain.arrays.indices import Mask
from gradfn.explain.formulas.evaluate import forward, vjp
from gradfn.explain.formulas.expression import expression
from gradfn.explain.formulas.operations import OPERATIONS
from gradfn.pytorch.derivatives import definitions
from tests.explain.operations import MORE, PROGRAMS, names

KEPT_IN_FLOAT32 = ("HardsigmoidBackward0",)  # its 1/6


class Watched(TorchDispatchMode):
    """The last call of the operation that a node's definition names."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[tuple[Any, tuple[Any, ...], dict[str, Any], Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        before = [each.clone() if isinstance(each, torch.Tensor) else each for each in args]
        found = func(*args, **(kwargs or {}))
        self.calls.append((func, tuple(before), kwargs or {}, found))
        return found

    def arguments(self, node: str) -> dict[str, Any]:
        wanted = definitions()[node].schema.split("(")[0]
        for func, args, kwargs, found in reversed(self.calls):
            schema = func._schema
            name = schema.name.removeprefix("aten::")
            full = f"{name}.{schema.overload_name}" if schema.overload_name else name
            if full.rstrip("_") == wanted.rstrip("_"):
                return _bound(schema, args, kwargs, found)
        raise AssertionError(f"{wanted} was not called")


def _bound(schema: Any, args: Any, kwargs: Any, found: Any) -> dict[str, Any]:
    values = {}
    for nr, argument in enumerate(schema.arguments):
        default = argument.default_value if argument.has_default_value() else None
        given = args[nr] if nr < len(args) else kwargs.get(argument.name, default)
        values[argument.name] = _known(given)
    results = found if isinstance(found, tuple) else (found,)
    for nr, (result, returned) in enumerate(zip(results, schema.returns, strict=False)):
        if isinstance(result, torch.Tensor) and not result.is_floating_point():
            values[f"result{nr}"] = values[returned.name or f"result{nr}"] = _known(result)
    if schema.name == "aten::native_dropout":
        values["kept"] = _known(found[1])
    return values


def _known(thing: Any) -> Any:
    if isinstance(thing, torch.Tensor):
        kind = Mask if thing.dtype == torch.bool else Array
        return kind(tuple(thing.shape), thing.detach().double().reshape(-1).tolist())
    return [_known(each) for each in thing] if isinstance(thing, list | tuple) else thing


def _tensor(array: Array) -> torch.Tensor:
    return torch.tensor(array.data, dtype=torch.float64).reshape(array.shape)


def _made(program: str) -> tuple[Any, list[torch.Tensor], Watched]:
    """The node, its outputs that need a gradient, and what was called."""
    with torch.random.fork_rng(), Watched() as watched:
        torch.manual_seed(5)
        out = eval(program, names())
    tensors = out if isinstance(out, tuple | list) else (out,)
    tensors = [each for each in tensors if each.grad_fn is not None]
    node = tensors[0].grad_fn
    return node, [each for each in tensors if each.grad_fn is node], watched


@pytest.mark.parametrize(("node", "program"), [*PROGRAMS.items(), *MORE], ids=str)
def test_the_entry_says_what_autograd_does(node: str, program: str) -> None:
    entry = OPERATIONS[node]
    made, outputs, watched = _made(program)
    assert made.name() == node
    values = watched.arguments(node)

    for output in outputs:
        found = _tensor(forward(entry, values, output.output_nr))
        torch.testing.assert_close(found, output.detach().double(), **_tolerance(output, node))

    grads: list[Any] = [None] * (max(each.output_nr for each in outputs) + 1)
    for output in outputs:
        grads[output.output_nr] = torch.rand_like(output) + 0.5
    edges = made.next_functions
    arguments = _edges(entry, values, len(edges))
    assert len(arguments) == len(edges)
    for (argument, nr), (function, input_nr) in zip(arguments, edges, strict=True):
        if function is not None:
            edge = GradientEdge(function, input_nr)
            given = [grads[output.output_nr] for output in outputs]
            (wanted,) = torch.autograd.grad(outputs, edge, given, retain_graph=True)
            found = _tensor(vjp(entry, argument, values, list(map(_maybe, grads)), nr))
            torch.testing.assert_close(found, wanted.double(), **_tolerance(outputs[0], node))


def _maybe(grad: torch.Tensor | None) -> Array | None:
    return None if grad is None else _known(grad)


def _edges(entry: Any, values: dict[str, Any], count: int) -> list[tuple[str, int]]:
    (first, *_) = entry.slopes
    if isinstance(values[first], list):
        return [(first, nr) for nr in range(count)]
    return [(argument, 0) for argument in entry.slopes]


def _tolerance(output: torch.Tensor, node: str) -> dict[str, Any]:
    exact = output.dtype == torch.float64 and node not in KEPT_IN_FLOAT32
    # float32, and the constants that PyTorch itself keeps in float32, are close only so far.
    return {"rtol": 1e-9 if exact else 1e-5, "atol": 1e-11 if exact else 1e-6, "equal_nan": True}


def test_there_are_at_least_120_entries_and_each_has_its_program() -> None:
    assert len(OPERATIONS) >= 120
    assert set(PROGRAMS) == set(OPERATIONS)


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_entry_speaks_of_the_arguments_that_pytorch_has(name: str) -> None:
    entry, definition = OPERATIONS[name], definitions()[name]

    assert list(entry.slopes) == list(definition.gradients)
    results = {"result", "result0", "result1", "grad", "grads", "grad0", "grad1"}
    allowed = {*definition.arguments, *results, "nr", "pieces", "indices", "kept"}
    for text in (*entry.forward, *(slope.text for slope in entry.slopes.values())):
        assert expression(text).names <= allowed


@pytest.mark.parametrize(
    "node", ["MaxBackward0", "MinBackward0", "MedianBackward1", "MaxPool2DWithIndicesBackward0"]
)
def test_indices_that_were_not_told_are_found_again(node: str) -> None:
    made, outputs, watched = _made(PROGRAMS[node])
    values = watched.arguments(node)
    told = {key: value for key, value in values.items() if key not in ("indices", "result1")}
    grad = _known(torch.rand_like(outputs[0]))

    found = vjp(OPERATIONS[node], "self", told, [grad])

    assert found.data == vjp(OPERATIONS[node], "self", values, [grad]).data
    assert made.name() == node
