"""`make bench ARGS=pictures`: a finished graph to SVG, ours folded, torchviz node for node.

Each case is a process of its own, which runs the program once, and then lets everybody draw in
turns, best of three. CPU seconds are those of the process and of the Graphviz that it starts.
torchview and torchlens trace a forward pass and draw no finished graph: they are not asked here.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from gradfn.events.reading import Choice
from gradfn.examples import EXAMPLES
from gradfn.model.document import Graph
from gradfn.model.fold import document_of
from gradfn.render.choice import Foldable, choose
from gradfn.render.dot import write_dot
from gradfn.render.folded import drawing_of
from gradfn.render.layout import lay_out
from tests.bench.ratios import note

SECONDS = 60  # for one drawing of one tool
RNN = """
import torch
W, U = (torch.randn(8, 8, requires_grad=True) for _ in range(2))
x, h = torch.randn(4, 8), torch.zeros(4, 8)
for t in range({steps}):
    h = torch.tanh(x @ W + h @ U)
loss = h.pow(2).mean()
"""
CHAIN = """
import torch
w = loss = torch.ones(1, requires_grad=True)
for _ in range({count}):
    loss = loss.sin()
"""
LSTM = """
import torch
cell, x = torch.nn.LSTMCell(8, 16), torch.randn(4, 8)
h = c = torch.zeros(4, 16)
for t in range(1_000):
    h, c = cell(x, (h, c))
loss = h.pow(2).mean()
"""
SIX_LINES = """
import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)
a, b = torch.add(w, x), torch.add(w, 1)
loss = torch.mul(a, b)
"""
OF_THE_MENU = {example.slug: example.code for example in EXAMPLES}
PROGRAMS = {
    "six lines": SIX_LINES,
    "chain of 900": CHAIN.format(count=900),
    **{f"RNN, {steps} steps": RNN.format(steps=steps) for steps in (20, 30, 50, 200, 500)},
    "ResNet-50": OF_THE_MENU["resnet-50"],
    "ResNet-152": OF_THE_MENU["resnet-50"].replace("[3, 4, 6, 3]", "[3, 8, 36, 3]"),
    "GPT, 12 layers": OF_THE_MENU["gpt"],
    "LSTM, 1,000 steps": LSTM,
    "chain of 1,000,000": CHAIN.format(count=1_000_000),
}


def main() -> None:
    """One line for each program."""
    print("finished graph to SVG, CPU ms and what was drawn; ratio: torchviz to ours")
    for name in PROGRAMS:
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench.pictures", name]
        done = subprocess.run(command, capture_output=True, text=True)
        print(done.stdout.strip() or f"  {name}: {done.stderr.strip().splitlines()[-1:]}")


def bench(name: str) -> None:
    """Everybody's drawing of one program; the process ends by os._exit, for the graph is deep."""
    import torch
    import torchviz  # type: ignore[import-untyped]

    graph_of(torch.ones(1, requires_grad=True).sin())  # imports are no work of anybody's
    torchviz.make_dot(torch.ones(1, requires_grad=True).sin())
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(PROGRAMS[name], "program.py", "exec"), names)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours, boxes = best(lambda: draw_ours(names["loss"], PROGRAMS[name]))
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    line = f"  {name:20} ours {ours * 1e3:9.1f} ({boxes}), +{memory:,.0f} MB"
    try:
        theirs, drawn = best(lambda: draw_torchviz(names["loss"]), 1)
        note(f"finished graph to SVG over torchviz: {name}", ours / theirs)
        line += f"   torchviz {theirs * 1e3:9.1f} ({drawn})   {theirs / ours:7.1f}"
    except Exception as error:
        line += f"   torchviz: none, {type(error).__name__}"
    print(line, flush=True)
    os._exit(0)


def best(work: Callable[[], str], rounds: int = 3) -> tuple[float, str]:
    """The least CPU seconds of some rounds, and what was drawn."""
    found = []
    for _ in range(rounds):
        before = cpu()
        drawn = work()
        found.append((cpu() - before, drawn))
    return min(found)


def cpu() -> float:
    """CPU seconds of this process and those it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def draw_ours(loss: Any, code: str) -> str:
    """Walk, make the document, fold, draw and lay out; without what the recorder would add."""
    drawing = drawing_of(choose(Foldable(graph_of(loss), code), Choice()))
    svg = lay_out(write_dot(drawing, legend=False, background="white", rankdir="TB"), "svg")
    return f"{len(drawing.nodes)} boxes, {len(svg):,} bytes"


def graph_of(loss: Any) -> Graph:
    """The graph in the document of a run that walked it and did nothing else."""
    from gradfn.recorder.read.graph import walk_functions  # with torch

    return document_of([walk_functions([loss.grad_fn], 10**9).walked]).graph


def draw_torchviz(loss: Any) -> str:
    """`make_dot`, and the same Graphviz."""
    import torchviz

    dot = torchviz.make_dot(loss).source
    svg = lay_out(dot, "svg", seconds=SECONDS)
    return f"{dot.count('[label=')} boxes, {len(svg):,} bytes"


if __name__ == "__main__":
    bench(sys.argv[1]) if len(sys.argv) > 1 else main()
