"""Work in bounded time, and what went wrong in it: what a child sent is hostile input."""

import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from gradfn.events.reading import WORDS, Mistake, Step

AGAIN_SECONDS = 0.25  # what is raised may meet code that swallows it


class TookTooLong(BaseException):
    """Raised inside the work itself. No Exception: what catches our mistakes must not take it."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """TookTooLong in the work when it has used so many seconds of a processor."""
    working = True

    def interrupt(*_: object) -> None:
        if working:
            raise TookTooLong

    signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN_SECONDS)
    try:
        yield
    finally:
        working = False
        signal.setitimer(signal.ITIMER_PROF, 0)


class Trouble:
    """What went wrong while one run was read. After any, another reader takes the next."""

    def __init__(self) -> None:
        self.any = False
        self.mistakes: list[Mistake] = []

    def limit(self) -> None:
        """Time or memory was used up."""
        self.any = True

    def mistake(self, step: Step) -> None:
        """An exception is handled that only a mistake of ours raises."""
        self.any = True
        self.mistakes.append(Mistake(step, traceback.format_exc()[-WORDS:]))
