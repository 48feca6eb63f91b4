"""The memory of a child as the kernel counts it, seen from outside."""

import asyncio
from collections.abc import Callable
from pathlib import Path

COUNTED = ("RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:")  # not the files that all children share
CHECK_SECONDS = 0.25


def memory_kib(pid: int) -> int:
    """What the process uses in KiB, with its page tables and what is swapped; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(COUNTED))


class MemoryWatch:
    """Calls `exceeded` when a process uses so much more than at first, until it is closed."""

    def __init__(self, pid: int, more_mb: int, exceeded: Callable[[], None]) -> None:
        self._pid, self._exceeded = pid, exceeded
        self._limit_kib = memory_kib(pid) + 1024 * more_mb
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)

    def close(self) -> None:
        """Check no more, and keep nobody in memory."""
        self._exceeded = lambda: None
        self._timer.cancel()

    def _check(self) -> None:
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)
        if memory_kib(self._pid) > self._limit_kib:
            self._exceeded()
