"""What plain PyTorch says of programs: run in a process that knows nothing of `gradfn`.

Reads requests as JSON on stdin and writes what it found. Each program runs as a file in a forked
child of its own. `names` are the names the product gave: each is evaluated here. `not_shown` are
those whose value nobody can tell. `cure` undoes, before anything is read, what the program did to
torch itself: the product has to do without.

The rule for the roots of backward passes: a pass is known by the lines of the program that are
active when it starts; of each such place the latest pass counts, and its roots as functions.
"""

import gc
import json
import math
import os
import signal
import sys
import tempfile
import warnings
from typing import Any

import torch
import torch._dynamo  # what programs import lazily, once for all children
import torch.func
import torch.nn.utils.parametrizations
import torch.utils.checkpoint

Json = Any


def main() -> None:
    torch.set_num_threads(1)
    requests = json.load(sys.stdin)
    gc.collect()
    gc.freeze()
    json.dump({title: in_a_child(request) for title, request in requests.items()}, sys.stdout)


def in_a_child(request: Json) -> Json:
    with (
        tempfile.TemporaryFile() as answer,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        if (pid := os.fork()) == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            signal.alarm(60)
            found = explore(request)
            answer.write(json.dumps(found).encode())
            answer.flush()
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        for file in (answer, out, err):
            file.seek(0)
        if status:
            return {"failed": err.read().decode(errors="replace")}
        return {
            **json.loads(answer.read()),
            "stdout": out.read().decode(),
            "stderr": err.read().decode(),
        }


def explore(request: Json) -> Json:
    """Run the program; then the graph, the tensors and what each name leads to."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("program.py", "w", encoding="utf-8") as file:
            file.write(request["code"])
        passes: dict[Any, list[Any]] = {}
        watch_backward(passes)
        module = type(sys)("__main__")
        sys.modules["__main__"] = module
        names = module.__dict__
        torch.manual_seed(request["seed"])
        raised = run(request["code"], names)
    sys.stdout.flush()
    sys.stderr.flush()
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    exec(request["cure"], names)
    warnings.simplefilter("ignore")
    gc.collect()
    return {"raised": raised, **look(names, passes, request)}


def run(code: str, names: dict[str, Any]) -> str | None:
    try:
        exec(compile(code, "program.py", "exec"), names)
    except Exception as error:
        return type(error).__name__
    return None


def watch_backward(passes: dict[Any, list[Any]]) -> None:
    """Note the roots where the program, or a library for it, starts a pass."""
    public: Any = torch.autograd
    for name in ("backward", "grad"):
        setattr(public, name, watched(getattr(public, name), passes))


def watched(original: Any, passes: dict[Any, list[Any]]) -> Any:
    def call(first: Any, *args: Any, **more: Any) -> Any:
        is_one = not isinstance(first, (list, tuple)) or hasattr(first, "node")
        lines, frame = [], sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == "program.py":
                lines.append(frame.f_lineno)
            frame = frame.f_back  # type: ignore[assignment]
        passes[tuple(lines)] = [
            root.node if hasattr(root, "node") else root.grad_fn
            for root in ([first] if is_one else first)
            if hasattr(root, "node") or not is_wrapped(root)
        ]
        return original(first, *args, **more)

    return call


def is_wrapped(tensor: Any) -> bool:
    return torch._C._functorch.is_functorch_wrapped_tensor(tensor)


def referred_to(candidates: list[Any]) -> list[Any]:
    """Those that something besides this list refers to; what only C++ keeps is left out."""
    found: list[Any] = []
    for each in candidates:
        holders = gc.get_referrers(each)
        ours = [candidates, found, sys._getframe()]
        if any(all(holder is not own for own in ours) for holder in holders):
            found.append(each)
    return found


def look(names: dict[str, Any], passes: dict[Any, list[Any]], request: Json) -> Json:
    alive = referred_to(
        [
            thing
            for thing in gc.get_objects()
            if issubclass(type(thing), torch.Tensor)
            and not is_wrapped(thing)
            and thing.requires_grad
        ]
    )
    bound = {
        name: thing
        for name, thing in names.items()
        if isinstance(name, str) and not (name.startswith("__") and name.endswith("__"))
    }
    tensors = {id(each): each for each in alive}
    tensors |= {id(each): each for each in contents(list(bound.values()))}
    named = {name: eval(name, names) for name in request["names"]}
    assert all(issubclass(type(thing), torch.Tensor) for thing in named.values()), named
    tensors |= {id(each): each for each in named.values()}
    tensors |= {id(each): each for each in map(grad, list(tensors.values())) if has_graph(each)}
    roots = [grad_fn(each) for each in tensors.values()]
    roots += [node for nodes in passes.values() for node in nodes]
    functions: list[Any] = []
    seen: dict[Any, int] = {}
    stack = roots
    while stack:  # depth first, in whatever order: the comparison knows none
        function = stack.pop()
        if function is not None and function not in seen:
            seen[function] = len(functions)
            functions.append(function)
            stack += [following for following, _ in function.next_functions]
    leaves = [
        function.variable for function in functions if function.name().endswith("AccumulateGrad")
    ]
    tensors |= {id(leaf): leaf for leaf in leaves}
    position = {key: place for place, key in enumerate(tensors)}
    leads_to = {name: position[id(thing)] for name, thing in named.items()}
    hidden = {leads_to[name] for name in request["not_shown"]}
    return {
        "functions": [
            {
                "name": type(function).__name__,
                "next": [
                    None if following is None else [seen[following], input_nr]
                    for following, input_nr in function.next_functions
                ],
                "variable": position[id(function.variable)]
                if hasattr(function, "variable")
                else None,
            }
            for function in functions
        ],
        "tensors": [
            None if place in hidden else facts(each, seen, request["max_values"])
            for place, each in enumerate(tensors.values())
        ],
        "names": leads_to,
        "top": [name for name, thing in bound.items() if issubclass(type(thing), torch.Tensor)],
        "variables": list(bound),
    }


def contents(things: list[Any]) -> list[torch.Tensor]:
    """The tensors in modules, lists, tuples and dictionaries, found by PyTorch's own means."""
    found, seen = [], set()
    while things:
        thing = things.pop(0)
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if issubclass(type(thing), torch.Tensor):
            found.append(thing)
        elif issubclass(type(thing), torch.nn.Module):
            found += [*thing.parameters(), *thing.buffers()]
        elif issubclass(type(thing), (list, tuple)):
            kind = list if issubclass(type(thing), list) else tuple
            things += kind.__iter__(thing)
        elif issubclass(type(thing), dict):
            things += dict.values(thing)
    return found


def grad_fn(tensor: torch.Tensor) -> Any:
    try:
        return None if is_wrapped(tensor) else tensor.grad_fn
    except RuntimeError:
        return None


def grad(tensor: torch.Tensor) -> torch.Tensor | None:
    if is_wrapped(tensor) or (grad_fn(tensor) is not None and not tensor.retains_grad):
        return None
    try:
        return tensor.grad
    except RuntimeError:
        return None


def has_graph(tensor: torch.Tensor | None) -> bool:
    return tensor is not None and tensor.grad_fn is not None


def facts(tensor: Any, seen: dict[Any, int], max_values: int) -> Json:
    if is_wrapped(tensor):
        return None
    try:
        own = grad(tensor)
        function = tensor.grad_fn
        with torch.no_grad():
            return {
                "is_leaf": tensor.is_leaf,
                "requires_grad": tensor.requires_grad,
                "retains_grad": tensor.retains_grad,
                "grad_fn": None if function is None else seen[function],
                "output_nr": tensor.output_nr,
                "version": None if tensor.is_inference() else tensor._version,
                "value": value(tensor, max_values),
                "grad": None if own is None else value(own, max_values),
                "role": role(tensor),
            }
    except RuntimeError:
        return None


def role(tensor: Any) -> str:
    if not tensor.requires_grad:
        return "constant"
    if not tensor.is_leaf:
        return "intermediate"
    return "parameter" if isinstance(tensor, torch.nn.Parameter) else "leaf"


def value(tensor: Any, max_values: int) -> Json:
    """The elements as PyTorch gives them out one by one, or a summary by Python's own sums."""
    if tensor.is_nested:
        return None
    stated = {"shape": list(tensor.shape), "dtype": str(tensor.dtype)[6:]}
    if tensor.is_meta:
        return {**stated, "data": None, "summary": None}
    dense = tensor.detach()
    if dense.is_quantized:
        dense = dense.dequantize()
    elif dense.layout is not torch.strided:
        dense = dense.to_dense()
    if dense.is_floating_point() and dense.element_size() < 4:
        dense = dense.to(torch.float32)
    flat = dense.contiguous().view(-1).resolve_conj().resolve_neg().tolist()
    if len(flat) <= max_values:
        return {**stated, "data": [spoken(each) for each in flat], "summary": None}
    return {**stated, "data": None, "summary": summary(flat)}


def spoken(element: Any) -> Json:
    if isinstance(element, complex):
        return [spoken(element.real), spoken(element.imag)]
    if isinstance(element, float) and math.isnan(element):
        return "NaN"
    if isinstance(element, float) and math.isinf(element):
        return "Infinity" if element > 0 else "-Infinity"
    return element


def summary(flat: list[Any]) -> Json:
    is_complex = isinstance(flat[0], complex)
    finite = [each for each in flat if math.isfinite(each.real) and math.isfinite(each.imag)]
    counts = {
        "zeros": sum(each == 0 for each in flat),
        "nonfinite": len(flat) - len(finite),
    }
    none = dict.fromkeys(("min", "max", "mean", "std", "norm"))
    if not finite:
        return {**none, **counts}
    norm = math.sqrt(math.fsum(abs(each) ** 2 for each in finite))
    if is_complex:
        return {**none, "norm": norm, **counts}
    mean = math.fsum(finite) / len(finite)
    squares = math.fsum((each - mean) ** 2 for each in finite)
    std = math.sqrt(squares / (len(finite) - 1)) if len(finite) > 1 else None
    return {
        "min": float(min(finite)),
        "max": float(max(finite)),
        "mean": mean,
        "std": std,
        "norm": norm,
        **counts,
    }


if __name__ == "__main__":
    main()
