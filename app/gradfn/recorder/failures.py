"""Mistakes of ours that must not disturb the program: counted by place, never silent.

What runs beside the program's own code is guarded, so that the program cannot notice it. Where the
stack or the memory is at its end, a note is lost without anybody's fault. Any other exception is a
mistake of ours: its place is counted, the server counts and logs it, and a test fails.
"""

from collections import Counter

from gradfn.recorder.read.text import type_name

MAX_PLACES = 50


class Failures:
    """The failures of one run, by place and type of exception."""

    strict = False  # set by tests: a mistake of ours is raised where it happens

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.ran_out = False  # the stack or the memory was at its end

    def count(self, place: str, error: Exception) -> None:
        """An exception was caught at this place; `place` is a name of ours."""
        kind = type(error)
        if kind is RecursionError or kind is MemoryError:  # no call: there may be no room for one
            self.ran_out = True
            return
        if self.strict:
            raise error
        key = f"{place}: {type_name(error)}"[:100]
        if key in self.counts or len(self.counts) < MAX_PLACES:
            self.counts[key] += 1
