"""How much work an explanation may take, in seconds of this thread's CPU time, not wall time.

So a busy machine changes no explanation, and formulas that are expensive to compute get fewer
numbers instead of delaying the answer.
"""

import time

from gradfn.pytorch.derivatives import definitions


class TimeBudget:
    """Runs out after so many seconds of work."""

    def __init__(self, seconds: float) -> None:
        definitions()  # read once per process, outside of any budget
        self._until = time.thread_time() + seconds
        self._not_before = time.perf_counter() + seconds

    @property
    def is_over(self) -> bool:
        """Whether it is time to stop.

        A thread's own time goes no faster than the wall's, which is cheaper to ask.
        """
        now = time.perf_counter()
        if now < self._not_before:
            return False
        left = self._until - time.thread_time()
        self._not_before = now + left
        return left < 0
