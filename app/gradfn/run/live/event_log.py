"""The events of one live run, by ids that only grow, in memory: `EPOCH-SEQ`.

Whoever reads says after which event, and gets what was published since in pieces: no reader keeps
the others waiting, and none takes much memory. A piece is made once for all who ask for it. An
event with a slot replaces the one before it in that slot, so a slow reader skips to the latest. The
points of the loss curve are kept apart, in columns, and nobody misses one of them.
"""

from array import array
from bisect import bisect_right
from typing import NamedTuple

from gradfn.events.live import Curve
from gradfn.events.values import NonFinite
from gradfn.events.wire import json_of

MAX_CURVE = 1_000_000  # points; a longer curve loses its oldest
MAX_BYTES = 64_000_000  # of events; the oldest go
# A piece has so many points or bytes, or one event that is larger; those kept for others, together:
PIECE_POINTS, PIECE_BYTES, SHARED_BYTES = 10_000, 262_144, 4_000_000


class Position(NamedTuple):
    """Where a reader is: the last event it has, and how many points of the curve."""

    seq: int
    points: int


START = Position(0, 0)


class EventLog:
    """Append events, publish them, read those after a position."""

    def __init__(self, epoch: int) -> None:
        self.epoch, self.published = epoch, START
        self._seq = 0
        self._events: dict[int, bytes] = {}
        self._slots: dict[str, int] = {}
        self._replaced: list[int] = []  # already published: readers get them until the next time
        self._bytes = 0
        self._values, self._lines = array("d"), array("i")
        self._dropped_points = 0
        # Each position that was published, for readers that come back.
        self._published_seqs, self._published_points = array("q", [0]), array("q", [0])
        self._shared: dict[Position, tuple[bytes, Position]] = {}
        self._shared_bytes = 0

    def append(self, name: str, data: bytes, slot: str | None = None) -> None:
        """Add an event; `data` is JSON."""
        self._seq += 1
        if slot is not None:
            if (before := self._slots.get(slot, 0)) > self.published.seq:
                self._drop(before)
            else:
                self._replaced.append(before)
            self._slots[slot] = self._seq
        event = sse_event(name, data, f"{self.epoch}-{self._seq}")
        self._events[self._seq] = event
        self._bytes += len(event)
        while self._bytes > MAX_BYTES:
            self._drop(next(iter(self._events)))

    def extend_curve(self, values: bytes, lines: bytes) -> None:
        """Add points to the curve: float64 values, int32 lines."""
        self._values.frombytes(values)
        self._lines.frombytes(lines)
        if (over := len(self._values) - MAX_CURVE) > 0:
            del self._values[:over], self._lines[:over]
            self._dropped_points += over

    def publish(self) -> None:
        """From now on readers get what was appended until now."""
        self.published = Position(self._seq, self._dropped_points + len(self._values))
        self._published_seqs.append(self.published.seq)
        self._published_points.append(self.published.points)
        self._shared.clear()
        self._shared_bytes = 0
        while self._replaced:
            self._drop(self._replaced.pop())

    def position_of(self, event_id: str) -> Position | None:
        """The position after this event; None when this log never gave out such an id."""
        epoch, _, seq = event_id.partition("-")
        if epoch != str(self.epoch) or not (seq.isdecimal() and len(seq) < 16):
            return None
        if int(seq) > self.published.seq:
            return None
        # The curve comes before the events: of what broke off among these, it comes again.
        at = bisect_right(self._published_seqs, int(seq)) - 1
        return Position(int(seq), self._published_points[at])

    def since(self, position: Position) -> tuple[bytes, Position]:
        """A piece of what was published after the position, and the position after it."""
        if (shared := self._shared.get(position)) is not None:
            return shared
        piece = self._piece(position)
        if self._shared_bytes + len(piece[0]) <= SHARED_BYTES:
            self._shared[position] = piece
            self._shared_bytes += len(piece[0])
        return piece

    def _piece(self, position: Position) -> tuple[bytes, Position]:
        start = max(position.points, self._dropped_points)
        end = min(self.published.points, start + PIECE_POINTS)
        if start < end:
            curve = sse_event("curve", json_of(self._curve(start, end)))
            if end < self.published.points:
                return curve, Position(position.seq, end)
            events, seq = self._newer(position.seq)
            return curve + events, Position(seq, end)
        events, seq = self._newer(position.seq)
        return events, Position(seq, self.published.points)

    def _newer(self, seq: int) -> tuple[bytes, int]:
        piece = bytearray()
        while seq < self.published.seq and len(piece) < PIECE_BYTES:
            seq += 1
            piece += self._events.get(seq, b"")
        return bytes(piece), seq

    def _curve(self, start: int, end: int) -> Curve:
        first, last = start - self._dropped_points, end - self._dropped_points
        values = [v if v - v == 0 else _non_finite(v) for v in self._values[first:last]]
        return Curve(start, values, self._lines[first:last].tolist())

    def _drop(self, seq: int) -> None:
        self._bytes -= len(self._events.pop(seq, b""))


def sse_event(name: str, data: bytes, event_id: str | None = None) -> bytes:
    """An event in the text format of Server-Sent Events; `data` has no line end."""
    id_line = b"" if event_id is None else b"id: %s\n" % event_id.encode()
    return b"%sevent: %s\ndata: %s\n\n" % (id_line, name.encode(), data)


def _non_finite(value: float) -> NonFinite:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
