"""`python -m tests.recorder.lacking`: what is recorded where torch lacks a private name, as JSON.

torch is imported once. For each name a fork hides it from gradfn alone, for torch itself may need
it, and then imports and uses the recorder.
"""

import json
import os
import sys
import tempfile
import warnings
from typing import Any, TypedDict

PROGRAM = """
import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 1, bias=False))
torch.nn.init.constant_(net[0].weight, 3.0)
opt = torch.optim.SGD(net.parameters(), lr=0.5)
x = torch.tensor([1.0, 2.0])
loss = net(x).pow(2).sum()
loss.backward()
opt.step()
w = net[0].weight
print(w)
sparse = torch.eye(2).to_sparse()
large = torch.ones(100_000, requires_grad=True) * 2
"""


class Recorded(TypedDict):
    """What came of it: the names looked up, what is said of the import, what was recorded."""

    asked: list[str]
    warned: list[str]
    functions: list[str]
    values: dict[str, Any]
    error: str | None


def recorded_without(hidden: str | None) -> Recorded:
    """The program recorded, in a process that has not imported the recorder yet."""
    from gradfn.recorder import optional

    asked: list[str] = []
    find = optional.find

    def find_all_but_one(owner: Any, path: str) -> Any:
        name = f"{owner.__name__}.{path}"
        asked.append(name)
        if name == hidden:
            raise AttributeError(name)
        return find(owner, path)

    optional.find = find_all_but_one
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        from gradfn.model.fold import document_of
        from gradfn.recorder.in_process import record

    document = document_of(record(PROGRAM))
    named = {name: each for each in document.graph.tensors for name in each.names}
    weight = named["w"]
    assert weight.value is not None
    assert weight.grad is not None
    return {
        "asked": asked,
        "warned": [str(each.message) for each in warned],
        "functions": [each.name for each in document.graph.functions],
        "values": {"w": weight.value.data, "grad": weight.grad.data},
        "error": document.error.message if document.error else None,
    }


def in_a_fork(hidden: str | None) -> Recorded:
    """The same in a fork; where it does not end well, what it says is on stderr."""
    with tempfile.TemporaryFile("w+") as file:
        child = os.fork()
        if child == 0:
            json.dump(recorded_without(hidden), file)
            file.flush()
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert status == 0, f"without {hidden} the recorder fails"
        file.seek(0)
        found: Recorded = json.load(file)
        return found


if __name__ == "__main__":
    import torch
    import torch._dynamo  # the first optimizer imports it, which takes a second in each fork

    torch.set_num_threads(1)
    sys.stdout, shown = sys.stderr, sys.stdout  # the program prints
    whole = in_a_fork(None)
    found = {name: in_a_fork(name) for name in dict.fromkeys(whole["asked"])}
    json.dump({"": whole, **found}, shown)
