"""What is said while a script runs for long: where it is, on standard error."""

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

SECONDS = 5.0  # between two lines


class Progress:
    """A recorder's observer that writes a line every five seconds.

    It writes whole lines, for the script writes to the same terminal. `clock` gives seconds.
    """

    wants_next_pass = False

    def __init__(
        self,
        name: str,
        write: Callable[[str], object] = sys.stderr.write,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name, self._write, self._clock = name, write, clock
        self._started = clock()
        self._next = self._started + SECONDS
        self._iterations = 0

    def prepare(self, tree: Any) -> None:
        """The program is left as it is."""

    def at_line(self, frame: FrameType) -> None:
        """Say where it is, when it is time."""
        now = self._clock()
        if now >= self._next:
            self._next = now + SECONDS
            self._say(now, f"line {frame.f_lineno}, {self._iterations:,} iterations")

    def at_iteration(self) -> None:
        """Count it."""
        self._iterations += 1

    def pass_ended(self, roots: Any, frames: list[FrameType], one: Any) -> None:
        """It is not counted: an iteration has been."""

    def ended(self) -> None:
        """The script is over; if it ran for long, explaining and drawing may take long too."""
        now = self._clock()
        if now - self._started >= SECONDS:
            self._say(now, "ended; its graph is read and explained")

    def _say(self, now: float, what: str) -> None:
        self._write(f"gradfn: {self._name}: {now - self._started:.0f} s, {what}\n")
