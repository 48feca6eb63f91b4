"""The events of a child: decoded strictly and counted, for nothing that it sends is believed."""

from collections.abc import Iterator

from gradfn.events.kinds import (
    ChildEvent,
    Finished,
    GraphWalked,
    Recorded,
    TensorsRead,
    VariablesBound,
)
from gradfn.events.wire import BrokenWire, Frames
from gradfn.run.limits import Limits

# The large ones (only the last would count), and the last one.
SENT_ONCE = (GraphWalked, TensorsRead, VariablesBound, Recorded, Finished)


class EventReader:
    """Bytes in as they come, events out as they are complete."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._frames = Frames(limits.functions)
        self._bytes = self._events = 0
        self._sent_once: set[type[ChildEvent]] = set()

    @property
    def is_over_limit(self) -> bool:
        """Whether the child sent more than it may."""
        return self._bytes > self._limits.wire_bytes or self._events > self._limits.events

    def feed(self, chunk: bytes) -> Iterator[ChildEvent]:
        """The events that the chunk completes; BrokenWire when it does not hold events."""
        self._bytes += len(chunk)
        for event in self._frames.feed(chunk):
            self._events += 1
            if isinstance(event, SENT_ONCE):
                if type(event) in self._sent_once:
                    raise BrokenWire(f"{type(event).__name__} came twice")
                self._sent_once.add(type(event))
            yield event
