"""The limits that ended a run or cut what is shown of it, in words with number and unit."""

from gradfn.events.event_reader import MAX_KEPT_BYTES
from gradfn.events.graph import EDGES_PER_FUNCTION, MAX_TENSORS
from gradfn.events.kinds import Crashed, Event, GraphWalked, LimitReached, Raised, TensorsRead
from gradfn.events.reading import WireLimits


def reached_limit(event: Event, limits: WireLimits) -> LimitReached | None:
    """The limit that an event is about, with its number, which the child does not know."""
    match event:
        case Raised(kind="time", message="CPU time"):
            return cpu_limit(limits.cpu_seconds)
        case Raised(kind="time"):
            return wall_limit(limits.wall_seconds)
        case Raised(kind="memory"):
            return memory_limit(limits.memory_mb)
        case GraphWalked(truncated=True):
            return LimitReached(
                "graph",
                f"The graph has more than {limits.functions:,} functions, or "
                f"{EDGES_PER_FUNCTION * limits.functions:,} edges; "
                "what is nearest to its roots is shown.",
            )
        case TensorsRead(truncated=True):
            return LimitReached(
                "graph", f"There are more than {MAX_TENSORS:,} tensors; the first are shown."
            )
        case _:
            return None


def wall_limit(seconds: float) -> LimitReached:
    """It ran too long."""
    return LimitReached("time", f"The program ran longer than {seconds:g} s.")


def cpu_limit(seconds: int) -> LimitReached:
    """It computed too long."""
    return LimitReached("time", f"The program used more than {seconds} s of CPU time.")


def memory_limit(megabytes: int) -> LimitReached:
    """It needed too much memory."""
    return LimitReached("memory", f"The program needed more than {megabytes:,} MB.")


def events_limit(limits: WireLimits) -> LimitReached:
    """It told too much."""
    return LimitReached(
        "events",
        f"The program reported more than {limits.events:,} events, "
        f"{limits.wire_bytes / 1e6:,.0f} MB, or {MAX_KEPT_BYTES / 1e6:,.0f} MB of figures "
        "and values as they are kept.",
    )


def broken_channel(reason: str) -> Crashed:
    """What it sent on its wire are no records."""
    return Crashed("crash", f"The program broke the channel that reports on it: {reason}.")
