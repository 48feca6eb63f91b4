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


class SharedMemory:
    """So much memory for several processes together; the largest is one too many."""

    def __init__(self, most_mb: int) -> None:
        self.most_mb = most_mb
        self._used_kib: dict[int, int] = {}

    def is_too_much(self, pid: int, used_kib: int) -> bool:
        """Whether they use more, and this process, which now uses so much, the most of them."""
        self._used_kib[pid] = used_kib
        total = sum(self._used_kib.values())
        return total > 1024 * self.most_mb and used_kib == max(self._used_kib.values())

    def left(self, pid: int) -> None:
        """This process is none of them any more."""
        self._used_kib.pop(pid, None)


class MemoryWatch:
    """Calls `exceeded` when a process uses so much more than at first, until it is closed.

    `used` is called with the KiB that it uses more than at first, as often as that is looked at.
    """

    def __init__(
        self,
        pid: int,
        more_mb: int,
        exceeded: Callable[[], None],
        used: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._pid, self._exceeded, self._used = pid, exceeded, used
        self._first_kib, self._limit_kib = memory_kib(pid), 1024 * more_mb
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)

    def close(self) -> None:
        """Check no more, and keep nobody in memory."""
        self._exceeded, self._used = lambda: None, lambda _: None
        self._timer.cancel()

    def _check(self) -> None:
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)
        used_kib = memory_kib(self._pid) - self._first_kib
        if used_kib > self._limit_kib:
            self._exceeded()
        else:
            self._used(used_kib)
