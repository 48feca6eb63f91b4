"""The deadline as the program meets it: an exception, so that what it built can still be told.

The parent holds a harder one a moment later, for what no exception can interrupt.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

OURS = str(Path(__file__).parent)
AGAIN_SECONDS = 0.05


class TimeIsUp(BaseException):
    """The program ran into its limit of wall or CPU time."""

    __module__ = "builtins"  # so a traceback names it without a path of ours


@contextmanager
def deadline(wall_seconds: float) -> Iterator[None]:
    """Meanwhile TimeIsUp is raised in the program after `wall_seconds`, or at its CPU limit."""
    for number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, _end_program)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in (signal.SIGALRM, signal.SIGXCPU):
            signal.signal(number, signal.SIG_DFL if number == signal.SIGXCPU else signal.SIG_IGN)


def _end_program(number: int, frame: FrameType | None) -> None:
    """Raise in the program's code, never in ours: a record must not be torn half told."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(OURS):
            if frame.f_code.co_name == "run_code":
                raise TimeIsUp("CPU time" if number == signal.SIGXCPU else "wall time")
            signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
            return
        frame = frame.f_back
