"""Processes as the kernel tells of them."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from tests.pace import patience


async def until(true: Callable[[], object]) -> None:
    """Wait until it is true; what it asks of is another process and sends no event."""
    async with asyncio.timeout(patience(30)):
        while not true():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


def wait_until(true: Callable[[], object]) -> None:
    """The same, where nothing else is to be done meanwhile."""
    asyncio.run(until(true))


def children(pid: int) -> set[int]:
    """The pids of a process's children."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return {int(child) for task in tasks for child in task.read_text().split()}


def fork_servers(pid: int, module: str = "gradfn.child") -> set[int]:
    """The fork servers of programs, or of readers, that a server of ours has started."""
    return {child for child in children(pid) if module in words(child)}


def fork_server_below(pid: int, module: str = "gradfn.child") -> int:
    """The pid of the one that there is."""
    [found] = fork_servers(pid, module)
    return found


def words(pid: int) -> list[str]:
    """The command line of a process; nothing of one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def threads(pid: int) -> int:
    """How many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def cpu_seconds(pid: int) -> float:
    """The CPU time that a process has used, in all its threads, those that have ended too."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
