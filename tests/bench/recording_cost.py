"""What recording costs: CPU time of programs as marked and recorded, over plain execution.

Run by `make bench ARGS=recorder` in a process of its own. Every program is compiled once and run
many times, plainly and recorded in turns, garbage collection off; medians are compared. Compiling
is counted apart, for it happens once a program. Prints a row a program.
"""

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn

from gradfn.events.run import Program
from gradfn.events.wire import encode
from gradfn.recorder.instrument.compile import compile_program
from gradfn.recorder.recorder import Recorder, watched_backward
from gradfn.recorder.report.events import graph_events
from tests.bench.ratios import note

SIX_LINES = """
import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)
a, b = torch.add(w, x), torch.add(w, 1)
y = torch.mul(a, b)
y.backward()
"""
REGRESSION = """
import torch
x = torch.rand(20, 1) * 10
y = 2 * x + (5 + torch.randn(20, 1))
w = torch.randn((1), requires_grad=True)
b = torch.zeros((1), requires_grad=True)
lr = 0.05
for iteration in range(ITERATIONS):
    wx = torch.mul(w, x)
    y_pred = torch.add(wx, b)
    loss = (0.5 * (y - y_pred) ** 2).mean()
    loss.backward()
    b.data.sub_(lr * b.grad)
    w.data.sub_(lr * w.grad)
    w.grad.zero_()
    b.grad.zero_()
"""
MLP = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, t = torch.randn(64, 32), torch.randint(0, 10, (64,))
for step in range(3):
    loss = nn.functional.cross_entropy(net(x), t)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
CHAIN = """
import torch
w = torch.tensor([0.5], requires_grad=True)
y = w
for i in range(5_000):
    y = (y * w).sin()
y.backward()
"""
RESNET = "loss = net(x).sum()\nloss.backward()\n"
MODES = ("plain", "graph", "full")


class Bottleneck(nn.Module):
    """As in ResNet-50: 1×1, 3×3, 1×1, and a way around them."""

    def __init__(self, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        out = 4 * planes
        self.body = nn.Sequential(
            *(nn.Conv2d(channels, planes, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU()),
            *(nn.Conv2d(planes, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes)),
            *(nn.ReLU(), nn.Conv2d(planes, out, 1, bias=False), nn.BatchNorm2d(out)),
        )
        self.around = (
            nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
            if stride != 1 or channels != out
            else nn.Identity()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's output."""
        return torch.relu(self.body(x) + self.around(x))


def resnet50() -> nn.Sequential:
    """ResNet-50's layers, with fresh weights; in `eval`, for 32×32 leaves one pixel a channel."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)]
    layers += [nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for planes, blocks, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for block in range(blocks):
            layers.append(Bottleneck(channels, planes, stride if block == 0 else 1))
            channels = 4 * planes
    pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000)]
    return nn.Sequential(*layers, *pool).eval()


def seconds(source: str, mode: str, given: dict[str, Any]) -> float:
    """CPU time of one execution."""
    recorder = Recorder(full=mode == "full", max_values=256)
    compiled = compile_program(source, probed=mode == "full")
    names = {"__name__": "__main__", **given}
    gc.collect()
    gc.disable()
    with (
        nullcontext() if mode == "plain" else watched_backward(recorder),
        recorder.watching(compiled),
    ):
        before = time.process_time()
        exec(compiled.body, names)
        if compiled.last is not None:
            eval(compiled.last, names)
        after = time.process_time()
    gc.enable()
    return after - before


def compare(title: str, source: str, rounds: int, aim: str, **given: Any) -> None:
    """Print the medians of a program, run in turns."""
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    for _ in range(rounds):
        for mode in MODES:
            times[mode].append(seconds(source, mode, given))
    plain, graph, full = (statistics.median(times[mode]) for mode in MODES)
    note(f"recorded over plain: {title}", full / plain)
    note(f"record=graph over plain: {title}", graph / plain)
    best = min(times["full"]) / min(times["plain"])
    print(
        f"  {title:34} {plain * 1e3:9.2f} ms   {graph / plain:5.2f}   {full / plain:5.2f}"
        f"   {best:5.2f}   {aim}",
        flush=True,
    )


def reported(title: str, source: str, rounds: int) -> None:
    """Print what it takes to report a recorded program when it is over, beside its plain run."""
    times: dict[str, list[float]] = {"plain": [], "report": []}
    for _ in range(rounds):
        times["plain"].append(seconds(source, "plain", {}))
        times["report"].append(seconds_of_report(source))
    plain, report = (statistics.median(found) for found in times.values())
    note(f"report over plain: {title}", report / plain)
    print(f"  {title:34} {plain * 1e3:9.2f} ms   report, encoded {report / plain:5.2f} times")


def seconds_of_report(source: str) -> float:
    """CPU time from the end of the program to its last event, encoded as it is sent."""
    program = Program(code=source)
    recorder = Recorder(full=True, max_values=program.max_values)
    compiled = compile_program(source, probed=True)
    names: dict[str, Any] = {"__name__": "__main__"}
    gc.collect()
    gc.freeze()  # as in a child, whose collector knows of the program's objects alone
    with watched_backward(recorder), recorder.watching(compiled):
        exec(compiled.body, names)
        before = time.process_time()
        for event in graph_events(names, recorder, program):
            encode(event)
        after = time.process_time()
    return after - before


def compilation(source: str) -> tuple[float, float]:
    """Milliseconds to compile, without marks and with them."""
    found = []
    for marked in (False, True):
        times = []
        for _ in range(50):
            before = time.process_time()
            compile_program(source, probed=marked)
            times.append(time.process_time() - before)
        found.append(statistics.median(times) * 1e3)
    return found[0], found[1]


def others() -> None:
    """What torchview and torchlens add to one forward pass of ResNet-50, and what we add."""
    reported("part 3.1, 100 iterations", REGRESSION.replace("ITERATIONS", "100"), 20)
    net, x = resnet50(), torch.randn(1, 3, 32, 32)
    given = {"net": net, "x": x}
    turns = [
        [seconds("loss = net(x)\n", mode, given) for mode in ("plain", "full")] for _ in range(9)
    ]
    plain, full = (statistics.median(times) for times in zip(*turns, strict=True))
    print(f"\none forward pass of ResNet-50: plain {plain * 1e3:.1f} ms; added, CPU time")
    print(f"  {'ours':34} {(full - plain) * 1e3:9.2f} ms")
    for title, work in peers(net, x).items():
        before = time.process_time()
        work()
        added = time.process_time() - before - plain
        times = f"{added / (full - plain):7.0f} times" if full > plain else ""
        print(f"  {title:34} {added * 1e3:9.2f} ms   {times}")


def peers(net: nn.Module, x: torch.Tensor) -> dict[str, Callable[[], object]]:
    """The peers that are installed: `pip install -e .[bench]`."""
    found: dict[str, Callable[[], object]] = {}
    try:
        import torchview

        found["torchview"] = lambda: torchview.draw_graph(net, input_data=x)
    except ImportError:
        print("  torchview is not installed: pip install -e '.[bench]'")
    try:
        import torchlens

        found["torchlens"] = lambda: torchlens.trace(net, x)
    except ImportError:
        print("  torchlens is not installed: pip install -e '.[bench]'")
    return found


def main() -> None:
    """All rows."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    gc.collect()
    gc.freeze()  # what is there already is not looked at before each of a thousand runs
    print(
        "CPU time, plain                            plain      graph    full    best of full   aim"
    )
    compare("the six lines", SIX_LINES, 200, "1.6")
    compare("part 3.1, 100 iterations", REGRESSION.replace("ITERATIONS", "100"), 30, "1.6")
    compare("an MLP, three training steps", MLP, 40, "1.6")
    net, x = resnet50(), torch.randn(1, 3, 32, 32)
    compare("ResNet-50, 32×32, both ways", RESNET, 7, "1.10", net=net, x=x)
    compare("10,000 operations in a chain", CHAIN, 5, "")
    compare("part 3.1, 5,000 iterations", REGRESSION.replace("ITERATIONS", "5_000"), 3, "1.05")
    plain, marked = compilation(REGRESSION)
    print(f"\nto compile part 3.1: {plain:.2f} ms, with marks {marked:.2f} ms")
    others()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
