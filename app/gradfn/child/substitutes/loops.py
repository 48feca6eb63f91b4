"""An asyncio loop that waits for a lock in place of a socket, so that `asyncio.run` works."""

import asyncio
import selectors
import threading
from collections.abc import Mapping
from typing import Any


class _Waiting(selectors._BaseSelectorImpl):
    """Nothing can be read or written: it only waits to be woken."""

    def __init__(self) -> None:
        super().__init__()
        self.woken = threading.Event()

    def select(self, timeout: float | None = None) -> list[tuple[Any, int]]:
        self.woken.wait(timeout)
        self.woken.clear()
        return []

    def get_map(self) -> Mapping[Any, Any]:
        return {}


class Loop(asyncio.SelectorEventLoop):
    """One that other threads wake by a lock; asyncio's own has a pair of sockets for that."""

    def __init__(self, selector: Any = None) -> None:
        super().__init__(_Waiting())

    def _make_self_pipe(self) -> None:
        pass

    def _close_self_pipe(self) -> None:
        pass

    def _write_to_self(self) -> None:
        self._selector.woken.set()  # type: ignore[attr-defined]


def wait_without_sockets() -> None:
    """Put it in place."""
    asyncio.DefaultEventLoopPolicy._loop_factory = Loop  # type: ignore[attr-defined]
