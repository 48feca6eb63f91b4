"""A program recorded in this process: its events, and a process that is as it was."""

import builtins
import gc
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gradfn.events.kinds import (
    ChildEvent,
    Evaluated,
    GraphWalked,
    Raised,
    Recorded,
    TensorsRead,
    VariablesBound,
    Warned,
)
from gradfn.model.fold import document_of
from gradfn.recorder.in_process import record

SQUARE = """
import torch
x = torch.tensor([3.0], requires_grad=True)
y = x ** 2 + 1
y.backward()
"""

# Changes all that `process_restored` promises to put back.
VANDAL = """
import builtins, gc, os, random, signal, sys, threading, warnings
import numpy as np
import torch
sys.argv = ["vandal"]
sys.path.insert(0, "/nowhere")
sys.excepthook = print
sys.setrecursionlimit(3_000)
sys.displayhook = print
threading.excepthook = print
builtins.open = None
builtins.added = 1
os.environ["VANDAL"] = "1"
os.environ.pop("PATH", None)
os.chdir("/")
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
gc.disable()
gc.set_threshold(1, 1, 1)
gc.callbacks.append(print)
warnings.simplefilter("error")
random.seed(0); np.random.seed(0); torch.manual_seed(0)
torch.add = torch.nn.functional.relu = None
torch.Tensor.backward = print
torch.Tensor.added = 1
torch.set_grad_enabled(False)
torch.set_default_dtype(torch.float64)
torch.set_default_device("cpu")
torch.autograd.set_detect_anomaly(True)
torch.set_printoptions(precision=1)
torch.nn.modules.module.register_module_forward_hook(print)
sys.modules["__main__"] = None
"""


def only(events: list[ChildEvent], kind: type) -> Any:
    found = [each for each in events if type(each) is kind]
    assert len(found) == 1
    return found[0]


def state() -> dict[str, Any]:
    """What a caller could see of the process."""
    return {
        "main": sys.modules["__main__"],
        "argv": sys.argv,
        "path": list(sys.path),
        "hooks": [sys.excepthook, sys.displayhook, threading.excepthook],
        "limit": sys.getrecursionlimit(),
        "builtins": dict(vars(builtins)),
        "environment": dict(os.environ),
        "folder": Path.cwd(),
        "signals": [signal.getsignal(each) for each in sorted(signal.valid_signals())],
        "alarm": signal.getitimer(signal.ITIMER_REAL)[0] > 0,
        "collector": [gc.isenabled(), gc.get_threshold(), list(gc.callbacks)],
        "random": [random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()],
        "torch": [
            torch.add,
            torch.nn.functional.relu,
            dict(vars(torch.Tensor)),
            torch.autograd._engine_run_backward,  # type: ignore[attr-defined]
            torch.autograd.graph._engine_run_backward,
            dict(vars(torch._C._autograd)),
            torch.nn.Module._call_impl.__code__,
            list(torch.nn.modules.module._global_forward_hooks),
        ],
        "settings": [
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.is_anomaly_enabled(),
            torch._C._len_torch_function_stack(),
            dict(vars(torch._tensor_str.PRINT_OPTS)),
        ],
    }


def unchanged(act: Callable[[], object]) -> None:
    before = state()
    act()
    after = state()
    for name in before:
        assert after[name] == before[name], name


def test_an_operand_is_the_output_that_was_taken() -> None:
    events = record(
        """
import torch
a, b = torch.ones(2, 3, requires_grad=True).unbind(0)
doubled = b * 2
waved = b.sin()
"""
    )

    graph = document_of(events).graph
    names = {tensor.id: tensor.names for tensor in graph.tensors}
    functions = {function.name: function for function in graph.functions}
    for kind in ("MulBackward0", "SinBackward0"):
        assert names[functions[kind].inputs[0].tensor or ""] == ("b",)
    [saved] = functions["SinBackward0"].saved
    assert names[saved.tensor or ""] == ("b",)


def test_the_events_of_a_program_say_what_pytorch_says() -> None:
    events = record(SQUARE + "y")

    walked: GraphWalked = only(events, GraphWalked)
    assert walked.kinds == ["AddBackward0", "PowBackward0", "AccumulateGrad"]
    document = document_of(events)
    by_name = {tensor.names[0]: tensor for tensor in document.graph.tensors if tensor.names}
    x = torch.tensor([3.0], requires_grad=True)
    (x**2 + 1).backward()
    assert x.grad is not None
    assert by_name["x"].grad is not None
    assert by_name["x"].grad.data == x.grad.tolist()
    assert [function.line for function in document.graph.functions] == [4, 4, None]
    assert only(events, Evaluated).repr == "tensor([10.], grad_fn=<AddBackward0>)"
    assert [each.line for each in document.backward] == [5]
    assert document.recording is not None
    assert document.recording.thinned == ()


def test_only_the_graph_is_told_where_nothing_else_is_asked_for() -> None:
    kinds = [type(each) for each in record(SQUARE, record="graph")]

    assert kinds == [GraphWalked, TensorsRead, VariablesBound]


def test_no_tensor_of_the_caller_is_in_the_graph() -> None:
    mine = [torch.ones(2, requires_grad=True) * 2]

    walked: GraphWalked = only(record(SQUARE), GraphWalked)

    assert "MulBackward0" not in walked.kinds
    assert mine[0].grad_fn is not None


def test_a_program_runs_in_the_names_that_it_is_given() -> None:
    names: dict[str, Any] = {"w": torch.full((2,), 3.0, requires_grad=True)}

    events = record("loss = (w * w).sum()", names)

    assert only(events, GraphWalked).kinds == ["SumBackward0", "MulBackward0", "AccumulateGrad"]
    assert names["loss"].item() == 18.0
    read: TensorsRead = only(events, TensorsRead)
    assert {tensor.names[0] for tensor in read.tensors if tensor.alive} == {"w", "loss"}


def test_an_exception_is_an_event_with_the_readers_line() -> None:
    events = record("import torch\nx = torch.ones(2)\nx.backward()")

    raised: Raised = only(events, Raised)
    assert (raised.type, raised.line) == ("RuntimeError", 3)
    assert only(events, VariablesBound).variables[-1].name == "x"


def test_a_syntax_error_is_an_event() -> None:
    raised: Raised = only(record("def f(:"), Raised)

    assert (raised.kind, raised.type, raised.line) == ("syntax", "SyntaxError", 1)


def test_sys_exit_ends_the_program_alone() -> None:
    events = record("import sys\na = 1\nsys.exit(3)\nb = 2")

    assert [each.name for each in only(events, VariablesBound).variables] == ["sys", "a"]
    assert not [each for each in events if type(each) is Raised]


def test_a_warning_is_an_event_with_its_line() -> None:
    code = "import warnings\nwarnings.warn('careful')"

    with pytest.warns(UserWarning, match="careful"):
        events = record(code)

    assert [(each.message, each.line) for each in events if isinstance(each, Warned)] == [
        ("careful", 2)
    ]


def test_the_process_is_as_it_was_after_a_program_that_changes_it() -> None:
    unchanged(lambda: record(VANDAL))


def test_the_process_is_as_it_was_after_an_exception() -> None:
    unchanged(lambda: record(VANDAL + "\n1 / 0"))


def test_an_interruption_is_raised_and_the_process_is_as_it_was() -> None:
    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            record(VANDAL + "\nraise KeyboardInterrupt")

    unchanged(interrupted)


def test_the_process_is_as_it_was_after_a_recording_within_a_recording() -> None:
    inner = "from gradfn.recorder.in_process import record\nevents = record(vandal)\n"
    names: dict[str, Any] = {"vandal": VANDAL}

    unchanged(lambda: record(inner, names))

    assert type(names["events"][-1]) is VariablesBound


def test_an_outer_recording_has_nothing_of_the_inner_one() -> None:
    outer = (
        "import torch\nfrom gradfn.recorder.in_process import record\n"
        "a = torch.ones(2, requires_grad=True)\nb = a.exp()\nrecord(inner)\n"
        "c = b.sum()\nc.backward()"
    )

    events = record(outer, {"inner": SQUARE})

    kinds = only(events, GraphWalked).kinds
    assert sorted(kinds) == ["AccumulateGrad", "ExpBackward0", "SumBackward0"]
    recorded: Recorded = only(events, Recorded)
    assert [each.line for each in recorded.passes] == [7]


def test_a_program_can_be_recorded_from_a_thread() -> None:
    found: list[list[ChildEvent]] = []

    def in_a_thread() -> None:
        thread = threading.Thread(target=lambda: found.append(record(VANDAL + SQUARE)))
        thread.start()
        thread.join()

    unchanged(in_a_thread)

    assert type(found[0][-1]) is VariablesBound


def test_a_backward_pass_of_another_thread_is_not_recorded() -> None:
    begun, go_on = threading.Event(), threading.Event()
    w = torch.ones(3, requires_grad=True)

    def elsewhere() -> None:
        begun.wait(60)
        (w * w).sum().backward()
        go_on.set()

    thread = threading.Thread(target=elsewhere)
    thread.start()
    code = (
        "begun.set()\ngo_on.wait(60)\nimport torch\n"
        "x = torch.ones(1, requires_grad=True)\n(x + 1).backward()"
    )
    events = record(code, {"begun": begun, "go_on": go_on})
    thread.join()

    assert only(events, GraphWalked).kinds == ["AddBackward0", "AccumulateGrad"]
    assert [each.line for each in only(events, Recorded).passes] == [5]
    assert w.grad is not None


def test_a_function_of_the_program_can_be_called_when_it_is_over() -> None:
    names: dict[str, Any] = {}
    record("import torch\ndef square(x):\n    y = x * x\n    return y + 1", names)

    assert names["square"](torch.tensor(3.0)).item() == 10.0


def test_a_long_graph_can_be_recorded_and_destroyed_without_ending_the_process() -> None:
    # In a process of its own, for C's stack would end this one (gradfn.recorder.read.release).
    code = """
import gc
from gradfn.recorder.in_process import record
program = '''
import torch
x = torch.ones(1, requires_grad=True)
some = []
for i in range(150_000):
    x = x * 1.0
    if i % 40_000 == 0: some.append(x)
'''
names = {}
record(program, names, record="graph", max_functions=1_000_000)
del names["x"]
gc.collect()
some = names.pop("some")
names.clear()
while some:
    del some[-1]
    gc.collect()
record(program, record="graph", max_functions=1_000_000)
gc.collect()
print("alive")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout == "alive\n", done.stderr
