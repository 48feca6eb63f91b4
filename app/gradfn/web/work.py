"""Work in threads, in bounded time and by turns of clients: what a child sent is hostile input."""

import asyncio
import ctypes
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

from gradfn.run.turns import Turns

T = TypeVar("T")
LOOK_SECONDS = 0.25


class TookTooLong(BaseException):
    """Raised inside the work itself. No Exception: what catches our mistakes must not take it."""


class Workers:
    """So many threads work at once, for one client all but one of them if there are several.

    `seconds` of a processor is what one piece of work may take.
    """

    def __init__(self, places: int, seconds: float) -> None:
        self.seconds = seconds
        self._turns = Turns(places, max(1, places - 1))

    async def do(self, work: Callable[[], T], client: str, seconds: float | None = None) -> T:
        """What the work gives; TookTooLong when it used more than its time.

        Whoever is cancelled before it has begun gives up its turn; later it keeps the place to its
        end, for no thread can be stopped at once.
        """
        place = self._turns.place(client)
        await place.__aenter__()

        async def watched() -> T:
            try:
                return await _watched(_Job(work, self.seconds if seconds is None else seconds))
            finally:
                await place.__aexit__(None, None, None)

        return await asyncio.shield(asyncio.ensure_future(watched()))


async def _watched(job: "_Job[T]") -> T:
    job.start()
    done = asyncio.wrap_future(job.done)
    while not (await asyncio.wait({done}, timeout=LOOK_SECONDS))[0]:
        job.interrupt_if_over()
    return done.result()


class _Job(threading.Thread, Generic[T]):
    """A thread for one piece of work: an interruption that comes late meets no other work."""

    def __init__(self, work: Callable[[], T], seconds: float) -> None:
        super().__init__(name="working", daemon=True)
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
