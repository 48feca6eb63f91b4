"""`make bench ARGS=notebook`: `show()` beside torchviz, torchview and torchlens; `record()`'s cost.

Each model is a process of its own. All draw the same finished graph, or trace the same model, to
one picture, in turns; the least CPU seconds count, with those of the Graphviz that each starts.
`record()` is compared with the same block plain, one training step, medians.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from gradfn.examples import EXAMPLES
from gradfn.render.layout import find_graphviz
from tests.bench.pictures import best, draw_torchviz
from tests.bench.ratios import note

MLP = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
x = torch.randn(64, 32)
loss = net(x).square().mean()
"""
OF_THE_MENU = {example.slug: example.code for example in EXAMPLES}
MODELS = {
    "MLP": MLP,
    "ResNet-18": OF_THE_MENU["resnet-18"],
    "GPT, 12 layers": OF_THE_MENU["gpt"],
}
SECONDS = 300  # for one model
STEPS = 15


def main() -> None:
    """A few lines for each model."""
    for name in MODELS:
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench.notebook", name]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            print(f"  {name}: not done in {SECONDS} s")
        else:
            print(done.stdout.rstrip() or f"  {name}: {done.stderr.strip().splitlines()[-1:]}")


def bench(name: str) -> None:
    """Everybody's picture of one model, and one training step in `record()`."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(MODELS[name], "program.py", "exec"), names)
    loss, model, inputs = names["loss"], *_model_and_inputs(names)
    draw: dict[str, Callable[[], str]] = {
        "gradfn": lambda: draw_gradfn(loss),
        "torchviz": lambda: draw_torchviz(loss),
        "torchview": lambda: draw_torchview(model, inputs),
        "torchlens": lambda: draw_torchlens(model, inputs),
    }
    # First, for torchlens changes torch for good.
    ratio = recorded_over_plain(lambda: model(*inputs).square().mean().backward())
    print(f"  {name}: CPU ms to a picture")
    ours = 0.0
    for tool, work in draw.items():
        try:
            work()  # imports and caches are nobody's work
            seconds, drawn = best(work)
        except Exception as error:
            print(f"    {tool:10} none: {type(error).__name__}: {str(error)[:60]}")
            continue
        ours = ours or seconds
        note(f"show over {tool}: {name}", ours / seconds)
        print(f"    {tool:10} {seconds * 1e3:9.1f}   {seconds / ours:6.1f} of ours   {drawn}")
    note(f"record() over plain: {name}", ratio)
    print(f"    one training step in record(): {ratio:.2f} of plain")
    sys.stdout.flush()
    os._exit(0)  # the graph is deep


def _model_and_inputs(names: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """The module at the top of the program, and what it is called with."""
    import torch

    model = next(each for each in reversed(names.values()) if isinstance(each, torch.nn.Module))
    inputs = next(names[name] for name in ("x", "images", "tokens", "inputs") if name in names)
    return model, (inputs,)


def draw_gradfn(loss: Any) -> str:
    """`show(loss)`, and what a notebook then asks it for."""
    import gradfn

    html = gradfn.show(loss)._repr_mimebundle_()["text/html"]
    return f"{len(html):,} bytes of HTML"


def draw_torchview(model: Any, inputs: tuple[Any, ...]) -> str:
    """`draw_graph`, and the same Graphviz as ours."""
    from torchview import draw_graph  # type: ignore[import-not-found,import-untyped,unused-ignore]

    dot = draw_graph(model, input_data=inputs, depth=20).visual_graph.source
    command = [find_graphviz(None), "-Tsvg"]
    svg = subprocess.run(command, input=dot.encode(), capture_output=True, check=True).stdout
    return f"{len(svg):,} bytes of SVG"


def draw_torchlens(model: Any, inputs: tuple[Any, ...]) -> str:
    """`show_model_graph`, which takes the `dot` on PATH."""
    import torchlens.options  # type: ignore[import-not-found,import-untyped,unused-ignore]
    import torchlens.visualization  # type: ignore[import-not-found,import-untyped,unused-ignore]

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "dot").symlink_to(find_graphviz(None))
        os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
        path = Path(folder) / "graph"
        options = torchlens.options.VisualizationOptions(
            container_path=str(path), save_only=True, file_format="svg"
        )
        torchlens.visualization.show_model_graph(model, inputs, visualization=options)
        [drawn] = Path(folder).glob("*.svg")
        return f"{drawn.stat().st_size:,} bytes of SVG"


def recorded_over_plain(step: Callable[[], object]) -> float:
    """CPU seconds of a step in a `record()` block over those without, in turns; medians."""
    import gradfn

    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * STEPS + 4):
        is_recorded = turn % 2 == 1
        before = time.process_time()
        with gradfn.record() if is_recorded else nullcontext():
            step()
        if turn >= 4:
            times[is_recorded].append(time.process_time() - before)
    return statistics.median(times[True]) / statistics.median(times[False])


if __name__ == "__main__":
    bench(sys.argv[1]) if len(sys.argv) > 1 else main()
