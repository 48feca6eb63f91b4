"""The document of a run, made in a thread and in bounded time: a child's events are hostile input.

A program can cause events that take minutes to explain, or be so long that it takes minutes itself.
So it happens in a thread, as many at once as there are processors, and explaining is stopped when
it has used its time; the document is then there without explanations, and says so.
"""

import asyncio
import ctypes
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Generic, TypeVar

from gradfn.events.kinds import Event
from gradfn.explain.document import explained
from gradfn.model.document import Diagnostic, RunDocument, Status
from gradfn.model.fold import document_of
from gradfn.run.cores import cores

T = TypeVar("T")
SECONDS = 1.5  # of a processor; the largest graph that a child may report takes less than one
LOOK_SECONDS = 0.25


class TookTooLong(BaseException):
    """Raised inside the work itself. No Exception: what catches our mistakes must not take it."""


class Explainer:
    """Makes documents; `seconds` of a processor is what explaining one may take."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds, self._places = seconds, asyncio.Semaphore(cores())

    async def document(
        self,
        events: list[Event],
        code: str,
        *,
        steps: bool = False,
        roots: list[str] | None = None,
        status: Status | None = None,
    ) -> RunDocument:
        """What the events amount to, explained as far as there is time for it.

        `status` is that of a run that has not ended, for which there is no event.
        """
        folded: list[RunDocument] = []

        def fold() -> RunDocument:
            document = document_of(events, steps=steps)
            folded.append(document if status is None else replace(document, status=status))
            return folded[0]

        try:
            return await self.work(lambda: explained(fold(), code, roots))
        except TookTooLong:
            if not folded:  # its time is proportional to the events, whose size has a limit
                await self._do(fold, math.inf)
            diagnostics = (*folded[0].diagnostics, _unexplained(self._seconds))
            return replace(folded[0], diagnostics=diagnostics)

    async def work(self, work: Callable[[], T]) -> T:
        """What the work gives, done in a thread; TookTooLong when it used more than its time."""
        return await self._do(work, self._seconds)

    async def _do(self, work: Callable[[], T], seconds: float) -> T:
        # Watched to its end even if nobody waits for it any more.
        return await asyncio.shield(asyncio.ensure_future(self._watched(_Job(work, seconds))))

    async def _watched(self, job: "_Job[T]") -> T:
        async with self._places:
            job.start()
            done = asyncio.wrap_future(job.done)
            while not (await asyncio.wait({done}, timeout=LOOK_SECONDS))[0]:
                job.interrupt_if_over()
            return done.result()


class _Job(threading.Thread, Generic[T]):
    """A thread for one piece of work: an interruption that comes late meets no other work."""

    def __init__(self, work: Callable[[], T], seconds: float) -> None:
        super().__init__(name="explaining", daemon=True)
        self._work, self._seconds = work, seconds
        self._clock: int | None = None
        self.done: Future[T] = Future()

    def run(self) -> None:
        try:
            self._clock = time.pthread_getcpuclockid(threading.get_ident())
            self.done.set_result(self._work())
        except BaseException as error:
            self.done.set_exception(error)

    def interrupt_if_over(self) -> None:
        """Have TookTooLong raised in the thread if it has used its time."""
        if self._clock is None or self.ident is None or self.done.done():
            return
        with suppress(OSError):  # it has ended this very moment
            if time.clock_gettime(self._clock) > self._seconds:
                thread, error = ctypes.c_ulong(self.ident), ctypes.py_object(TookTooLong)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, error)


def _unexplained(seconds: float) -> Diagnostic:
    return Diagnostic(
        "unexplained",
        "info",
        None,
        "This run has no explanations",
        f"They would have taken more than {seconds:g} s to work out.",
        "Run a shorter program, or one that builds less.",
    )
