"""`make load`: a class of 200 before one server, 100 who watch a live run, and what that costs.

STUDENTS=50 WATCHERS=20 make it smaller; 0 leaves them out. The run lasts for WATCH_SECONDS=60.

The server and those who ask share this machine's processors, so it is slower than it would be
alone. Ends badly when a single answer is wrong.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import Served, serving
from tests.live.streams import start
from tests.load import watcher

# Each student is a client of its own here: the limits of one are in force as they are.
LIMITS: dict[str, Any] = {"GRADFN_CLIENT_RUNS_A_MINUTE": "600", "GRADFN_CLIENT_RUNS_AT_ONCE": "16"}
SAMPLE_SECONDS = 1.0


class Usage:
    """What a process and all below it use, looked at every second."""

    def __init__(self, pid: int) -> None:
        self.root = psutil.Process(pid)
        self.cpu_seconds = 0.0
        self.web_cpu_seconds = 0.0
        self.peak_bytes = self.web_bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Usage":
        before = self._cpu_seconds()
        self.cpu_seconds, self.web_cpu_seconds = -before[0], -before[1]
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        after = self._cpu_seconds()
        self.cpu_seconds += after[0]
        self.web_cpu_seconds += after[1]

    def _cpu_seconds(self) -> tuple[float, float]:
        """All that they used, and those of theirs that have ended; the web process alone."""
        each = self._each("cpu_times")
        return sum(sum(times[:4]) for times in each), sum(each[0][:2])

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            # Shared pages are counted once: proportional set size.
            sizes = [memory.pss for memory in self._each("memory_full_info")]
            if sum(sizes) > self.peak_bytes:
                self.peak_bytes, self.web_bytes = sum(sizes), sizes[0]

    def _each(self, what: str) -> list[Any]:
        found = []
        for process in (self.root, *self.root.children(recursive=True)):
            with suppress(psutil.Error):  # it ended meanwhile
                found.append(getattr(process, what)())
        return found


def percentile(times: Counter[float], share: float) -> float:
    """The time within which this share was answered, in milliseconds."""
    rest = share * times.total()
    for milliseconds, number in sorted(times.items()):
        rest -= number
        if rest <= 0:
            return milliseconds
    return 0.0


def lesson(server: Served, folder: Path) -> tuple[list[dict[str, Any]], bool]:
    """What Locust measured of each kind of request, and whether all went well."""
    live = {}
    if watcher.WATCHERS:
        run = start(server.client, watcher.PROGRAM, speed=watcher.SPEED)
        live = {watcher.RUN: f"{run.address}/events"}
    program = Path(__file__).with_name("classroom.py")
    report = folder / "report"
    asked = subprocess.run(
        [
            *(sys.executable, "-m", "locust", "-f", program, "--host", server.url),
            *("--headless", "--only-summary", "--loglevel", "WARNING"),
            *("--json-file", report, "--exit-code-on-error", "1"),
        ],
        check=False,
        env={**os.environ, **live},
    )
    measured: list[dict[str, Any]] = json.loads(report.with_suffix(".json").read_text())
    return measured, asked.returncode == 0


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        open(os.devnull, "w") as log,
        serving(stderr=log, **LIMITS) as server,
        Usage(server.pid) as usage,
    ):
        measured, went_well = lesson(server, Path(folder))
    rows = [(each["name"], Counter(_numbers(each["response_times"]))) for each in measured]
    first = min(each["start_time"] for each in measured)
    seconds = max(each["last_request_timestamp"] for each in measured) - first
    print(f"{'':14}{'requests':>9}{'a second':>9}{'p50 ms':>8}{'p95 ms':>8}{'p99 ms':>8}")
    for name, times in rows:
        shown = "".join(f"{percentile(times, share):8.0f}" for share in (0.5, 0.95, 0.99))
        print(f"{name:14}{times.total():9}{times.total() / seconds:9.1f}{shown}")
    errors = sum(each["num_failures"] for each in measured)
    print(
        f"{errors} errors in {seconds:.0f} s; the server used {usage.cpu_seconds:.1f} s of CPU, "
        f"{usage.web_cpu_seconds:.1f} s of that in the web process,"
    )
    print(
        f"at its most {usage.peak_bytes / 2**20:.0f} MB in all its processes, "
        f"{usage.web_bytes / 2**20:.0f} MB of that in the web process; "
        f"load average {os.getloadavg()[0]:.1f}"
    )
    if not went_well:
        sys.exit("some answers were wrong: see above")


def _numbers(times: dict[str, int]) -> dict[float, int]:
    return {float(milliseconds): number for milliseconds, number in times.items()}


if __name__ == "__main__":
    main()
