"""What an operator can watch, counted for Prometheus."""

import platform
from collections.abc import Mapping

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
)

from gradfn import __version__
from gradfn.events.reading import Answer
from gradfn.events.recorded import FailurePlace
from gradfn.run.layers import Layers
from gradfn.run.live.live_runs import LiveRuns
from gradfn.run.pool import Pool

log = structlog.get_logger("gradfn.mistakes")

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


class Metrics:
    """The counts of one server, in a registry of its own."""

    def __init__(self, pool: Pool, live_runs: LiveRuns, layers: Layers) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        build = Info("gradfn_build", "What is running.", registry=registry)
        build.info({"version": __version__, "python": platform.python_version()})
        self._answers, self._runs, self._limits, self._layouts, self._failures = (
            Counter(f"gradfn_{name}", text, [label], registry=registry)
            for name, text, label in (
                ("answers", "Answers to requests by HTTP status; 0: the client left.", "status"),
                ("runs", "Runs by status.", "status"),
                ("limits", "Limits reached.", "limit"),
                ("layouts", "Pictures, made now (miss) or kept from before (hit).", "cache"),
                ("recorder_failures", "Runs in which the recorder failed at a place.", "place"),
            )
        )
        self._queue, self._run, self._layout = (
            Histogram(f"gradfn_{name}_seconds", text, registry=registry, buckets=SECONDS)
            for name, text in (
                ("queue", "How long runs waited for a child."),
                ("run", "How long runs took in a child, but for live ones."),
                ("layout", "How long Graphviz took for a picture."),
            )
        )
        self._mistakes = Counter(
            "gradfn_mistakes",
            "Exceptions that only a mistake of ours raises, by what was done for a run.",
            ["step"],
            registry=registry,
        )
        self._lost_readers = Counter(
            "gradfn_lost_readers",
            "Processes that died, hung or gave no answer while they read a run.",
            registry=registry,
        )
        self.watchers = Gauge(
            "gradfn_watchers", "Clients that watch a run live.", registry=registry
        )
        on = Gauge("gradfn_jail", "Layers of the jail that are on.", ["layer"], registry=registry)
        on.labels("landlock").set(layers.landlock)
        on.labels("seccomp").set(layers.seccomp)
        for name, text, value in (
            ("ready_children", "Children that wait for a program.", lambda: pool.ready),
            ("running_children", "Programs that run.", lambda: pool.running),
            (
                "live_runs",
                "Live runs, with those that ended and are kept.",
                lambda: live_runs.count,
            ),
            ("waiting_runs", "Programs that wait for a child.", lambda: pool.waiting),
        ):
            Gauge(f"gradfn_{name}", text, registry=registry).set_function(value)

    def mistake(self, step: str, trace: str | None = None) -> None:
        """Count an exception that only a mistake of ours raises, and log it with the run's id.

        It is being handled, or was in another process, which gives its traceback.
        """
        self._mistakes.labels(step).inc()
        if trace is None:
            log.exception("mistake", step=step)
        else:
            log.error("mistake", step=step, exception=trace)

    def lost_reader(self, why: str) -> None:
        """Count a reader that has given no answer, and log it with the run's id."""
        self._lost_readers.inc()
        log.warning("reader lost", why=why)

    def count_answer(self, status: int) -> None:
        """Count one answer to a request."""
        self._answers.labels(status).inc()

    def count_recorder_failures(self, counts: Mapping[FailurePlace, int]) -> None:
        """Count one run in which the recorder failed, at each place that its child names."""
        for place in counts:
            self._failures.labels(place).inc()

    def count_run(self, answer: Answer, *, live: bool = False) -> None:
        """Count one run. How long a live one took says nothing: who watches it pauses it."""
        self._runs.labels(answer.status).inc()
        self._queue.observe(answer.queue_ms / 1e3)
        if not live:
            self._run.observe(answer.run_ms / 1e3)
        for limit in answer.limits:
            self._limits.labels(limit).inc()

    def count_picture(self, seconds: float | None) -> None:
        """Count one picture: how long its layout took, None when it was kept from before."""
        self._layouts.labels("hit" if seconds is None else "miss").inc()
        if seconds is not None:
            self._layout.observe(seconds)
