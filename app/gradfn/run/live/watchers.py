"""How many clients watch a live run."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LEFT_SECONDS = 3.0  # a page that is loaded again watches by then


class Watchers:
    """Counts them; `abandoned` is called when there has been none for so many seconds."""

    def __init__(self, seconds: float, abandoned: Callable[[], None]) -> None:
        self.count = 0
        self._seconds, self._abandoned = seconds, abandoned
        self._patience = seconds
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(seconds, abandoned)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """One more, meanwhile."""
        self.count += 1
        self._patience = self._seconds
        self._timer.cancel()
        try:
            yield
        finally:
            self.count -= 1
            if not self.count:
                self._wait()

    def leave(self) -> None:
        """The owner has left the page: who watches no more by then will not come back."""
        self._patience = min(self._seconds, LEFT_SECONDS)
        if not self.count:
            self._timer.cancel()
            self._wait()

    def ask_again(self) -> None:
        """What was to be done was too early."""
        if not self.count:
            self._wait()

    def _wait(self) -> None:
        self._timer = self._loop.call_later(self._patience, self._abandoned)

    def close(self) -> None:
        """Nothing is called any more, and nothing here keeps the run in memory."""
        self._abandoned = lambda: None
        self._timer.cancel()
