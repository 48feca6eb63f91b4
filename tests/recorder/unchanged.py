"""The state of programs after they ran: run as a script, with the product's reading or without.

Reads {"read": bool, "programs": {title: code}} on stdin, writes {title: state} on stdout. Each
program runs in a forked child; its state ends with what every graph still gives backwards.
"""

import contextlib
import gc
import hashlib
import io
import json
import os
import random
import sys
import tempfile
from typing import Any

import numpy as np
import torch
import torch._dynamo
import torch.func
import torch.utils.checkpoint

from gradfn.recorder.read import graph, tensors
from gradfn.recorder.read.names import name_tensors
from gradfn.recorder.recorder import Recorder, watched_backward

Json = Any


def main() -> None:
    torch.set_num_threads(1)
    asked = json.load(sys.stdin)
    gc.collect()
    gc.freeze()
    states = {title: in_a_child(code, asked["read"]) for title, code in asked["programs"].items()}
    json.dump(states, sys.stdout)


def in_a_child(code: str, reading: bool) -> Json:
    with tempfile.TemporaryFile() as answer:
        if (pid := os.fork()) == 0:
            out = io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                found = state_after(code, reading)
            answer.write(json.dumps({**found, "printed": out.getvalue()}).encode())
            answer.flush()
            os._exit(0)
        os.waitpid(pid, 0)
        answer.seek(0)
        return json.loads(answer.read() or '"died"')


def state_after(code: str, reading: bool) -> Json:
    module = type(sys)("__main__")
    sys.modules["__main__"] = module
    names = module.__dict__
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    roots = Recorder(full=False, max_values=256)
    with watched_backward(roots), contextlib.suppress(Exception):
        exec(compile(code, "program.py", "exec"), names)
    if reading:
        found = tensors.find_tensors(names)
        walked = graph.walk_functions([*found.roots(None), *roots.roots], 100_000)
        found = tensors.reached(found, walked, None)
        tensors.read_tensors(found, walked, 10)
        tensors.read_variables(names, found)
    print("--- read")
    named_tensors = {each.names[0]: each.tensor for each in name_tensors(names).values()}
    wrapped = torch._C._functorch.is_functorch_wrapped_tensor
    left = {name: each for name, each in named_tensors.items() if not wrapped(each)}
    random_state = [torch.get_rng_state().tolist(), random.getstate(), np.random.get_state()]
    return {
        "tensors": {name: facts(each) for name, each in left.items()},
        "random": hashlib.sha256(repr(random_state).encode()).hexdigest(),
        "modes": [torch.is_grad_enabled(), torch.is_inference_mode_enabled(), gc.isenabled()],
        "backwards": backwards(left),
    }


def facts(tensor: torch.Tensor) -> Json:
    try:
        return [
            tensor.requires_grad,
            tensor.retains_grad,
            tensor.is_leaf,
            None if tensor.is_inference() else tensor._version,
            str(tensor.grad) if tensor.is_leaf else None,
        ]
    except Exception as error:
        return str(error)


def backwards(tensors: dict[str, torch.Tensor]) -> Json:
    """For every graph the gradients that it gives, once and then again, or how it fails."""
    leaves = [each for each in tensors.values() if facts(each)[:3] == [True, False, True]]
    found = {}
    for name, tensor in tensors.items():
        if tensor.layout is torch.strided and not tensor.is_nested and tensor.numel() > 10_000:
            continue
        for time in ("first", "second"):
            try:
                grads = torch.autograd.grad(tensor.sum(), leaves, allow_unused=True)
                found[f"{name} {time}"] = str(grads)
            except Exception as error:
                found[f"{name} {time}"] = f"{type(error).__name__}: {error}"
    return found


if __name__ == "__main__":
    main()
