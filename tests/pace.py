"""How long tests wait: what the clock says of this machine, and of what else it does.

No verdict hangs on the clock. A wait ends with an event; `patience` is for the event that never
comes, so it is long. What must be fast is measured in CPU time, or by `make bench`.
"""

import os
import time

QUICK = 0.035  # CPU seconds of the work below on the machine whose figures are in docs/
MARGIN = 4.0  # the load may grow so many times after it was measured


def _work() -> int:
    total = 0
    for number in range(600_000):
        total += number & 7
    return total


def _measured() -> float:
    """How many times longer work takes by the clock than on a quiet machine."""
    started = time.perf_counter()
    for _ in range(5):
        _work()
    return max(1.0, (time.perf_counter() - started) / (5 * QUICK))


# Measured by the process that starts the others, which inherit it.
PACE = float(os.environ.setdefault("TESTS_PACE", f"{MARGIN * _measured():.1f}"))


def patience(seconds: float) -> float:
    """So many seconds of a quiet machine, on this one."""
    return seconds * PACE
