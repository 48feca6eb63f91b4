"""The events of one live run, by ids that only grow, in memory: `EPOCH-SEQ`.

Whoever reads says where it is and gets all that came since, as one batch of bytes: it is made
once and shared by all who are at the same place, which all are that keep up. An event with a slot
takes the place of the one before it there, so a slow reader skips to the latest. The curve is
kept apart, in columns, and nobody misses a point of it.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from gradfn.events.live import Curve
from gradfn.events.values import NonFinite
from gradfn.events.wire import json_of

MAX_CURVE = 1_000_000  # points; a longer curve loses its oldest
MAX_BYTES = 64_000_000  # of events; the oldest go


class Place(NamedTuple):
    """Where a reader is: the last event it has, and how many points of the curve."""

    seq: int
    points: int


START = Place(0, 0)


class Log:
    """Append events, publish them, read from a place."""

    def __init__(self, epoch: int) -> None:
        self.epoch, self.end = epoch, START
        self._seq = 0
        self._events: dict[int, bytes] = {}
        self._slots: dict[str, int] = {}
        self._replaced: list[int] = []  # published, so who reads now gets them
        self._bytes = 0
        self._values, self._lines = array("d"), array("i")
        self._dropped = 0  # points of the curve that are not kept any more
        self._ends_seq, self._ends_points = array("q", [0]), array("q", [0])
        self._shared: dict[Place, bytes] = {}

    @property
    def is_behind(self) -> bool:
        """Whether something was appended and not published."""
        return self.end.seq != self._seq

    def append(self, name: str, body: bytes, slot: str | None = None) -> None:
        """One event; `body` is JSON."""
        self._seq += 1
        if slot is not None:
            if (before := self._slots.get(slot, 0)) > self.end.seq:
                self._forget(before)
            else:
                self._replaced.append(before)
            self._slots[slot] = self._seq
        frame = b"id: %d-%d\nevent: %s\ndata: %s\n\n" % (self.epoch, self._seq, name.encode(), body)
        self._events[self._seq] = frame
        self._bytes += len(frame)
        while self._bytes > MAX_BYTES:
            self._forget(next(iter(self._events)))

    def grow(self, values: bytes, lines: bytes) -> None:
        """More points of the curve: float64 values, int32 lines."""
        self._values.frombytes(values)
        self._lines.frombytes(lines)
        if (over := len(self._values) - MAX_CURVE) > 0:
            del self._values[:over], self._lines[:over]
            self._dropped += over

    def publish(self) -> None:
        """Readers get what was appended until now."""
        self.end = Place(self._seq, self._dropped + len(self._values))
        self._ends_seq.append(self.end.seq)
        self._ends_points.append(self.end.points)
        self._shared.clear()
        while self._replaced:
            self._forget(self._replaced.pop())

    def place_of(self, event_id: str) -> Place | None:
        """The place after this event; None when this log never gave out such an id."""
        epoch, _, seq = event_id.partition("-")
        if epoch != str(self.epoch) or not (seq.isdecimal() and len(seq) < 16):
            return None
        if int(seq) > self.end.seq:
            return None
        # A batch ends where something was published: of one that broke off, the curve comes again.
        at = bisect_right(self._ends_seq, int(seq)) - 1
        return Place(int(seq), self._ends_points[at])

    def since(self, place: Place) -> bytes:
        """Everything published after `place`; then the reader is at `end`."""
        if (batch := self._shared.get(place)) is None:
            batch = self._shared[place] = b"".join(self._batch(place))
        return batch

    def _batch(self, place: Place) -> Iterator[bytes]:
        events = [(seq, frame) for seq, frame in self._newest(place.seq) if seq <= self.end.seq]
        points = self._curve(place.points)
        if points is not None:
            yield b"event: curve\ndata: %s\n\n" % json_of(points)
        for _, frame in events:
            yield frame

    def _newest(self, seq: int) -> list[tuple[int, bytes]]:
        newest = []
        for number in reversed(self._events):
            if number <= seq:
                break
            newest.append((number, self._events[number]))
        return newest[::-1]

    def _curve(self, points: int) -> Curve | None:
        start = max(points, self._dropped)
        first, last = start - self._dropped, self.end.points - self._dropped
        if first >= last:
            return None
        values = [v if v - v == 0 else _named(v) for v in self._values[first:last]]
        return Curve(start, values, self._lines[first:last].tolist())

    def _forget(self, seq: int) -> None:
        self._bytes -= len(self._events.pop(seq, b""))


def _named(value: float) -> NonFinite:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
