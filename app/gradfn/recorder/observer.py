"""What follows a program while it runs: a live run implements this, a plain recording has none."""

import ast
from types import FrameType
from typing import Any, Protocol

from gradfn.recorder.watch.backward import Pass


class Observer(Protocol):
    """Called at each line, iteration and backward pass of the program, in the program's own thread.

    An exception raised by `at_line` or `at_iteration` is raised in the program.
    """

    def prepare(self, tree: ast.Module) -> None:
        """The program was parsed, and may be changed before it is compiled."""

    def at_line(self, frame: FrameType) -> None:
        """A line is about to run in this frame of the program."""

    def at_iteration(self) -> None:
        """An iteration of a loop begins."""

    @property
    def wants_next_pass(self) -> bool:
        """Whether the next backward pass is to be recorded even where recording rests."""

    def pass_ended(self, roots: Any, frames: list[FrameType], one: Pass | None) -> None:
        """A backward pass from these roots has ended; `one` is what it did, if it was recorded.

        `frames` are the active frames of the program, innermost first.
        """
