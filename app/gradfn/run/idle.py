"""Whether a child sleeps: what the kernel tells of its CPU time, seen from outside."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

CHECK_SECONDS = 0.5
BUSY_SHARE = 0.1  # of a core
TICKS = os.sysconf("SC_CLK_TCK")


def state_of(pid: int) -> tuple[str, float]:
    """Its first thread, as ps(1) has it, and CPU seconds of all threads; X and 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "X", 0.0
    return fields[0], (int(fields[11]) + int(fields[12])) / TICKS


class IdleWatch:
    """Calls `idle` once a process has slept for most of half a second, if it is not closed before.

    One that waits for a core is not idle.
    """

    def __init__(self, pid: int, idle: Callable[[], None]) -> None:
        self._pid, self._idle = pid, idle
        self._used = state_of(pid)[1]
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)

    def close(self) -> None:
        """Check no more."""
        self._timer.cancel()

    def _check(self) -> None:
        state, used = state_of(self._pid)
        if state == "S" and used - self._used < BUSY_SHARE * CHECK_SECONDS:
            self._idle()
            return
        self._used = used
        self._timer = self._loop.call_later(CHECK_SECONDS, self._check)
