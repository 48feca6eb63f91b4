"""The events of a child: decoded strictly and counted, for nothing that it sends is believed."""

from collections.abc import Iterator

from gradfn.events.kinds import (
    Answered,
    ChildEvent,
    ControlsFound,
    Evaluated,
    Finished,
    GraphMoved,
    GraphRead,
    GraphWalked,
    Halted,
    Paused,
    Raised,
    Recorded,
    Resumed,
    TensorsRead,
    TrainingRead,
    VariablesBound,
    ViewsFound,
)
from gradfn.events.reading import WireLimits
from gradfn.events.wire import BrokenWire, Frames

SENT_ONCE = (GraphWalked, TensorsRead, VariablesBound, Recorded, Evaluated, Raised, Finished)
# Those that a live run alone has reason to send; of all but `Halted` only the latest is kept.
LATEST_KEPT = (
    TrainingRead,
    GraphRead,
    GraphMoved,
    ControlsFound,
    ViewsFound,
    Paused,
    Resumed,
    Answered,
)
LIVE_ONLY = (*LATEST_KEPT, Halted)

MAX_KEPT_BYTES = 64_000_000  # of memory, for what a run document is made of
MAX_LATEST_BYTES = 32_000_000


class EventReader:
    """Bytes in as they come, events out as they are complete."""

    def __init__(self, limits: WireLimits, *, live: bool = False) -> None:
        self._limits, self._live = limits, live
        self._frames = Frames(limits.functions)
        self._bytes = self._events = self._kept_bytes = 0
        self._sent_once: set[type[ChildEvent]] = set()

    @property
    def is_over_limit(self) -> bool:
        """Whether the child sent more than it may."""
        return (
            self._bytes > self._limits.wire_bytes
            or self._events > self._limits.events
            or self._kept_bytes > MAX_KEPT_BYTES
        )

    def feed(self, chunk: bytes) -> Iterator[ChildEvent]:
        """The events that the chunk completes; BrokenWire when it does not hold events."""
        self._bytes += len(chunk)
        for event in self._frames.feed(chunk):
            self._events += 1
            self._count_memory(event)
            if isinstance(event, LIVE_ONLY) and not self._live:
                raise BrokenWire(f"{type(event).__name__} came from a run that is not live")
            if isinstance(event, SENT_ONCE):
                if type(event) in self._sent_once:
                    raise BrokenWire(f"{type(event).__name__} came twice")
                self._sent_once.add(type(event))
            yield event
            if self.is_over_limit:
                return

    def _count_memory(self, event: ChildEvent) -> None:
        size = self._frames.decoded_bytes
        if not isinstance(event, LATEST_KEPT):
            self._kept_bytes += size
        elif size > MAX_LATEST_BYTES:
            raise BrokenWire(f"{type(event).__name__} takes {size / 1e6:,.0f} MB of memory")
