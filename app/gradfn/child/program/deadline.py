"""The deadline as the program meets it: an exception, so that what it built can still be reported.

The parent has a harder one a moment later, for what no exception can interrupt.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import gradfn

OURS = str(Path(gradfn.__file__).parent)
PROGRAMS = {
    "run_code",
    "run_expression",
    "join_threads",
}  # of our functions, those that wait for the program
AGAIN_SECONDS = 0.05
expired: list[str] = []  # why the time is up, once it is: also where the exception was swallowed
pending: list[BaseException] = []  # what the recorder raises at the next line, if it ran just then


class StopRequested(BaseException):
    """The reader stopped the run."""

    __module__ = "builtins"


class TimeIsUp(BaseException):
    """The program ran into its limit of wall or CPU time."""

    __module__ = "builtins"  # so a traceback names it without a path of ours


@contextmanager
def deadline(wall_seconds: float) -> Iterator[None]:
    """Meanwhile TimeIsUp is raised in the program after `wall_seconds`, or at its CPU limit.

    Again and again, for a bare `except:` in a loop would swallow a single one.
    """
    reason = "wall time"
    expired.clear()

    def end_program(number: int, frame: FrameType | None) -> None:
        nonlocal reason
        if number == signal.SIGXCPU:
            reason = "CPU time"
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
        expired[:] = [reason]
        if _is_in_program(frame):
            raise TimeIsUp(reason)
        pending[:] = [TimeIsUp(reason)]

    for number in (signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, end_program)
    signal.setitimer(signal.ITIMER_REAL, wall_seconds)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0)
        pending.clear()


@contextmanager
def suspended() -> Iterator[None]:
    """Meanwhile the wall time of `deadline` stands still."""
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


@contextmanager
def brief_deadline(wall_seconds: float) -> Iterator[None]:
    """A `deadline` within another, or after it; the other one's goes on as before."""
    numbers = (signal.SIGALRM, signal.SIGXCPU)
    before = {number: signal.getsignal(number) for number in numbers}
    with suspended():
        try:
            with deadline(wall_seconds):
                yield
        finally:
            for number, was in before.items():
                signal.signal(number, was)


def _is_in_program(frame: FrameType | None) -> bool:
    """Whether the program's code runs, not ours: an event must not be cut off half written."""
    while frame is not None:
        if frame.f_code.co_filename.startswith(OURS):
            return frame.f_code.co_name in PROGRAMS
        frame = frame.f_back
    return False
