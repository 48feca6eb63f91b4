"""How long an explanation may be worked on: in seconds of this thread's own time, not the clock's.

So a busy machine changes nothing of what is told, and a program that makes formulas hard to work
out gets fewer numbers instead of a server that does not answer.
"""

import time

from gradfn.pytorch.derivatives import definitions


class TimeBudget:
    """Runs out after so many seconds of work."""

    def __init__(self, seconds: float) -> None:
        definitions()  # read once in a process, and no part of any work
        self._until = time.thread_time() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it is time to stop."""
        return time.thread_time() > self._until
