"""What is noted while the program runs: where its backward passes started."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
import torch.autograd.graph

from app.child.compile import FILENAME
from app.child.tensors import Node, history_of, is_tensor, undisturbed

MAX_PASSES = 64


class BackwardRoots:
    """The functions from which backward passes started: of each calling line, the latest.

    A root often dies with the function that called backward(), and its graph with it. Only
    the nodes are held, never the root tensor, and only one pass a line: the passes of a loop
    look alike, and holding them all would keep every iteration's graph.
    """

    def __init__(self) -> None:
        self._by_line: dict[tuple[int, ...], list[Node]] = {}

    def note(self, outputs: Any) -> None:
        """Note the roots of a pass that starts now."""
        with undisturbed():
            nodes = [_root_of(output) for output in outputs]
        key = tuple(frame.f_lineno for frame in frames_of_program(sys._getframe(2)))
        if key in self._by_line or len(self._by_line) < MAX_PASSES:
            self._by_line[key] = [node for node in nodes if node is not None]

    @property
    def roots(self) -> list[Node]:
        """The noted functions, in the order of their lines' first pass."""
        return [node for nodes in self._by_line.values() for node in nodes]


def _root_of(output: Any) -> Node:
    """The function of a tensor; a `GradientEdge` has one as it is."""
    return history_of(output)[0] if is_tensor(output) else getattr(output, "node", None)


@contextmanager
def watched_backward(note: Callable[[Any], None]) -> Iterator[None]:
    """Meanwhile `note` is called with the roots of every `backward()` and `autograd.grad()`."""
    run: Any = torch.autograd.graph._engine_run_backward

    def _engine_run_backward(t_outputs: Any, *args: Any, **kwargs: Any) -> Any:
        note(t_outputs)
        return run(t_outputs, *args, **kwargs)

    # torch.autograd imported the name: both places call it.
    modules: tuple[Any, ...] = (torch.autograd, torch.autograd.graph)
    for module in modules:
        module._engine_run_backward = _engine_run_backward
    try:
        yield
    finally:
        for module in modules:
            module._engine_run_backward = run


def frames_of_program(frame: FrameType | None) -> list[FrameType]:
    """The active frames of the reader's program, innermost first."""
    frames = []
    while frame is not None:
        if frame.f_code.co_filename == FILENAME:
            frames.append(frame)
        frame = frame.f_back
    return frames


def line_of_program() -> int | None:
    """The reader's line that is running now, in the innermost frame."""
    frames = frames_of_program(sys._getframe(1))
    return frames[0].f_lineno if frames else None
