"""What a run may use, and how many runs there may be: names, units, defaults, in one place."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from gradfn.events.graph import MAX_FUNCTIONS
from gradfn.events.reading import WireLimits
from gradfn.run.cores import cores

MOST = 1_000_000_000


def setting(default: Any, unit: str, meaning: str, **constraints: Any) -> Any:
    """A field that an operator may set; a default that is made here is named by its function."""
    made = "default_factory" if callable(default) else "default"
    told = {"description": meaning, "json_schema_extra": {"unit": unit}}
    return Field(**{made: default, **told, **constraints})


def limit(
    default: Any, unit: str, meaning: str, *, least: int | None = None, most: int = MOST
) -> Any:
    """A positive number."""
    return setting(default, unit, meaning, gt=0, ge=least, le=most, allow_inf_nan=False)


def two_per_core() -> int:
    """As many as keep every core busy while others are forked or wait for a disk."""
    return 2 * cores()


def ten_per_core() -> int:
    """Programs that sleep, for a class of students."""
    return 10 * cores()


def at_least_two() -> int:
    """A reader a core, and never one alone: a client leaves a reader to others."""
    return max(2, cores())


def all_but_one(limits: dict[str, Any]) -> int:
    """So one client alone leaves a place to others, where there are several."""
    return max(1, int(limits.get("running_children", 1)) - 1)


class Limits(BaseModel):
    """One run: time, memory, output, graph. All runs: children ready, running, waiting."""

    model_config = ConfigDict(frozen=True)

    wall_seconds: float = limit(10.0, "s", "Wall time of a program.")
    grace_seconds: float = limit(
        2.0, "s", "Time after that to report what there is; then the child is killed."
    )
    cpu_seconds: int = limit(12, "s", "CPU time of a program.")
    memory_mb: int = limit(1024, "MB", "Memory of a program, above what an idle child uses.")
    output_bytes: int = limit(1_000_000, "bytes", "What is kept of stdout, and as much of stderr.")
    wire_bytes: int = limit(64_000_000, "bytes", "Everything that a child sends.")
    events: int = limit(10_000, "events", "Number of events that a child sends.")
    functions: int = limit(100_000, "functions", "Functions of a graph.", most=MAX_FUNCTIONS)
    figures: int = limit(50, "figures", "Figures that a program draws.")
    # With fewer no child gets as far as its program.
    open_files: int = limit(64, "files", "Descriptors of a child.", least=16)
    live_wall_seconds: float = limit(
        600.0, "s", "Wall time of a live run, not counting the time that it is paused."
    )
    live_cpu_seconds: int = limit(300, "s", "CPU time of a live run.")
    live_wire_bytes: int = limit(256_000_000, "bytes", "Everything that a live run sends.")
    live_events: int = limit(200_000, "events", "Number of events that a live run sends.")
    live_figures: int = limit(300, "figures", "Figures that a live run draws.")
    live_seconds: float = limit(3600.0, "s", "Time after which a live run is ended in any case.")
    live_alone_seconds: float = limit(
        60.0, "s", "Time that a live run continues when nobody watches it."
    )
    live_idle_seconds: float = limit(
        60.0, "s", "Time after which a paused live run gives its place to somebody who has none."
    )
    live_kept_seconds: float = limit(
        300.0, "s", "Time that an ended live run can be read and can evaluate expressions."
    )

    source_bytes: int = limit(65_536, "bytes", "Length of a program's source.")

    ready_children: int = limit(two_per_core, "processes", "Children forked and waiting.")
    running_children: int = limit(two_per_core, "processes", "Programs that run at once.")
    beside_children: int = limit(
        ten_per_core,
        "processes",
        "Programs that sleep, and go on beside others that waited for their place.",
    )
    beside_memory_mb: int = limit(1024, "MB", "Memory of all those together.")
    readers: int = limit(
        at_least_two, "processes", "Readers: they make answers of what programs report."
    )
    reader_memory_mb: int = limit(
        512, "MB", "Memory of a reader, and of a layout, above what an idle one uses."
    )
    answer_bytes: int = limit(256_000_000, "bytes", "Length of an answer.")
    waiting_runs: int = limit(256, "runs", "Programs that wait for a child; more are answered 503.")

    requests_bytes: int = limit(
        64_000_000, "bytes", "Bodies of requests that are in memory, all together.", least=2**22
    )

    live_runs: int = limit(
        two_per_core, "runs", "Live runs, including those that have ended and are kept."
    )
    live_watchers: int = limit(1_000, "clients", "Clients that watch live runs.")

    client_runs_a_minute: int = limit(600, "runs", "Programs of one client in a minute.")
    client_runs_at_once: int = limit(
        16, "runs", "Programs of one client that run or wait; more are answered 429."
    )
    client_running_children: int = limit(
        all_but_one, "processes", "Programs of one client that run at once; more wait their turn."
    )
    client_watchers: int = limit(50, "streams", "Live runs that one client watches at once.")
    client_live_runs: int = limit(3, "runs", "Live runs of one client that have not ended.")

    @property
    def on_wire(self) -> WireLimits:
        """What a child may send, and say that it met."""
        return WireLimits(
            wire_bytes=self.wire_bytes,
            events=self.events,
            functions=self.functions,
            cpu_seconds=self.cpu_seconds,
            memory_mb=self.memory_mb,
            wall_seconds=self.wall_seconds,
        )

    @property
    def of_a_live_run(self) -> "Limits":
        """What a live run may use, by the names that every run's limits have."""
        return self.model_copy(
            update={
                "wall_seconds": self.live_wall_seconds,
                "cpu_seconds": self.live_cpu_seconds,
                "wire_bytes": self.live_wire_bytes,
                "events": self.live_events,
                "figures": self.live_figures,
            }
        )
