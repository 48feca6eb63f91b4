"""The memory of a child as the kernel counts it, seen from outside."""

from pathlib import Path

COUNTED = ("RssAnon:", "RssShmem:", "VmPTE:", "VmSwap:")  # not the files that all children share


def memory_kib(pid: int) -> int:
    """What the process holds in KiB, with its page tables and what is swapped; 0 if it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(COUNTED))
