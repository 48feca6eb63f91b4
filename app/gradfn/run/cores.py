"""How many processors there are for us: a container may have fewer than its machine."""

import math
import os
from contextlib import suppress
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def cores(cgroups: Path = CGROUPS) -> int:
    """Whole processors, at least one: those of this process, or fewer by a limit on its time."""
    there = len(os.sched_getaffinity(0))
    return max(1, min(there, math.ceil(_quota(cgroups) or there)))


def _quota(cgroups: Path) -> float | None:
    """Processors' worth of time by control groups, version 2 or 1; None without a limit."""
    with suppress(OSError, ValueError):
        quota, period = (cgroups / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    with suppress(OSError, ValueError):
        quota, period = (
            (cgroups / f"cpu/cpu.cfs_{name}_us").read_text() for name in ("quota", "period")
        )
        return int(quota) / int(period) if int(quota) > 0 else None
    return None
