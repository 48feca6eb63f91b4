"""What an operator can watch, in the text format of Prometheus."""

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from app.model.document import RunDocument
from app.run.layers import Layers
from app.run.pool import Pool

router = APIRouter(tags=["operations"])
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)


class Metrics:
    """The counts of one server, in a registry of its own."""

    def __init__(self, pool: Pool, layers: Layers) -> None:
        self.registry = registry = CollectorRegistry()
        self._runs = Counter("gradfn_runs", "Runs by status.", ["status"], registry=registry)
        self._limits = Counter("gradfn_limits", "Limits reached.", ["limit"], registry=registry)
        self._queue, self._run = (
            Histogram(f"gradfn_{name}_seconds", text, registry=registry, buckets=SECONDS)
            for name, text in (
                ("queue", "How long runs waited for a child."),
                ("run", "How long runs took in a child."),
            )
        )
        on = Gauge("gradfn_jail", "Layers of the jail that are on.", ["layer"], registry=registry)
        on.labels("landlock").set(layers.landlock)
        on.labels("seccomp").set(layers.seccomp)
        for name, text, value in (
            ("ready_children", "Children that wait for a program.", lambda: pool.ready),
            ("running_children", "Programs that run.", lambda: pool.running),
            ("waiting_runs", "Programs that wait for a child.", lambda: pool.waiting),
        ):
            Gauge(f"gradfn_{name}", text, registry=registry).set_function(value)

    def count(self, document: RunDocument) -> None:
        """Count one run."""
        self._runs.labels(document.status).inc()
        self._queue.observe(document.timing.queue_ms / 1e3)
        self._run.observe(document.timing.run_ms / 1e3)
        for limit in document.limits.reached:
            self._limits.labels(limit).inc()


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Runs by status, limits reached, how long, and how many children there are."""
    registry = request.app.state.metrics.registry
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
