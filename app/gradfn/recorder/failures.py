"""Mistakes of ours that must not disturb the program: counted by place, never silent.

What runs beside the program's own code is guarded, so that the program cannot notice it. Where the
stack or the memory is at its end, a note is lost without anybody's fault. Any other exception is a
mistake of ours: its place is counted, the server counts and logs it, and a test fails.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from gradfn.events.recorded import FailurePlace


class Failures:
    """The failures of one run, by place."""

    strict = False  # set by tests: a mistake of ours is raised where it happens

    def __init__(self) -> None:
        self.counts: Counter[FailurePlace] = Counter()
        self.ran_out = False  # the stack or the memory was at its end

    def count(self, place: FailurePlace, error: Exception) -> None:
        """An exception was caught at this place."""
        kind = type(error)
        if kind is RecursionError or kind is MemoryError:  # no call: there may be no room for one
            self.ran_out = True
            return
        if self.strict:
            raise error
        self.counts[place] += 1

    @contextmanager
    def guard(self, place: FailurePlace) -> Iterator[None]:
        """An exception in the block is counted, and goes no further."""
        try:
            yield
        except Exception as error:
            self.count(place, error)
