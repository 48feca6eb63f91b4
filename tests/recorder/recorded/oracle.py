"""What plain PyTorch says of programs that end with a tensor `loss`: run in a process of its own.

Reads {name: code} on stdin. By anomaly mode, which keeps a traceback in each node: the functions
that `loss` reaches, breadth first, with the program's frames. By hooks of the program's own kind:
the gradients that pass through them when `loss.backward()` runs, its functions in order.
"""

import json
import os
import re
import sys
import tempfile
from typing import Any

import torch
import torch._dynamo
import torch.func
import torch.utils.checkpoint

Json = Any
_FRAME = re.compile(r'File "program\.py", line (\d+), in (\S+)')
_FLATTENED = {"<listcomp>", "<setcomp>", "<dictcomp>"}


def main() -> None:
    torch.set_num_threads(1)
    programs = json.load(sys.stdin)
    json.dump({name: in_a_child(code) for name, code in programs.items()}, sys.stdout)


def in_a_child(code: str) -> Json:
    with tempfile.TemporaryFile() as answer:
        if (pid := os.fork()) == 0:
            answer.write(json.dumps(told(code)).encode())
            answer.flush()
            os._exit(0)
        os.waitpid(pid, 0)
        answer.seek(0)
        return json.loads(answer.read() or "null")


def told(code: str) -> Json:
    torch.manual_seed(0)
    torch.autograd.set_detect_anomaly(True, check_nan=False)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "program.py", "exec"), names)
    nodes = functions_of(names["loss"])
    stacks = [stack_of(node) for node in nodes]
    ran: list[Json] = []
    for position, node in enumerate(nodes):
        node.register_hook(
            lambda inputs, outputs, at=position: ran.append(
                [at, list(map(elements, inputs)), list(map(elements, outputs))]
            )
        )
    torch.autograd.set_detect_anomaly(False)
    if names["loss"].numel() == 1:
        names["loss"].backward()
    kinds = [type(node).__name__ for node in nodes]
    return {"kinds": kinds, "stacks": stacks, "ran": ran}


def functions_of(loss: torch.Tensor) -> list[Any]:
    nodes: list[Any] = [loss.grad_fn]
    met = {loss.grad_fn}
    for node in nodes:
        for following, _ in node.next_functions:
            if following is not None and following not in met:
                met.add(following)
                nodes.append(following)
    return nodes


def stack_of(node: Any) -> Json:
    if type(node).__name__ == "AccumulateGrad":
        return None
    trace = "".join(node.metadata["traceback_"])
    frames = [[name, int(line)] for line, name in _FRAME.findall(trace)]
    return [frame for frame in frames if frame[0] not in _FLATTENED]


def elements(grad: torch.Tensor | None) -> Json:
    return None if grad is None else [grad.tolist()]


if __name__ == "__main__":
    main()
