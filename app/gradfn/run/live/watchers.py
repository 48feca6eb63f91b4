"""How many clients watch a live run."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchers:
    """Counts them; `abandoned` is called when there has been none for so many seconds."""

    def __init__(self, seconds: float, abandoned: Callable[[], None]) -> None:
        self.count = 0
        self._seconds, self._abandoned = seconds, abandoned
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds, abandoned)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """One more, meanwhile."""
        self.count += 1
        self._timer.cancel()
        try:
            yield
        finally:
            self.count -= 1
            if not self.count:
                self._timer = self._loop.call_later(self._seconds, self._abandoned)

    def close(self) -> None:
        """Nothing is called any more, and nothing here keeps the run in memory."""
        self._abandoned = lambda: None
        self._timer.cancel()
