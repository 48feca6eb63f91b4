"""The log of a live run: what a reader at a position gets, and how much is kept."""

import json
import tracemalloc
from array import array

import pytest

from gradfn.run.live.event_log import (
    MAX_BYTES,
    PIECE_BYTES,
    PIECE_POINTS,
    SHARED_BYTES,
    START,
    EventLog,
    Position,
)


def ids(batch: bytes) -> list[str]:
    """The ids of the events in a batch."""
    return [line[4:] for line in batch.decode().splitlines() if line.startswith("id: ")]


def curve(batch: bytes) -> dict[str, object]:
    """The part of the curve with which a batch begins."""
    head, data = batch.decode().split("\n")[:2]
    assert head == "event: curve"
    found: dict[str, object] = json.loads(data.removeprefix("data: "))
    return found


def grow(log: EventLog, *values: float) -> None:
    """Adds points to the curve, all of line 7."""
    log.extend_curve(array("d", values).tobytes(), array("i", [7] * len(values)).tobytes())


def rest_of(log: EventLog, position: Position) -> bytes:
    """All that was published after the position."""
    pieces = bytearray()
    while position != log.published:
        piece, position = log.since(position)
        pieces += piece
    return bytes(pieces)


@pytest.fixture
def published() -> EventLog:
    """Two points and two events, published; then three points and an event, published too."""
    log = EventLog(5)
    grow(log, 1.0, 2.0)
    log.append("stdout", b"1")
    log.append("stdout", b"2")
    log.publish()
    grow(log, 3.0, 4.0, 5.0)
    log.append("stdout", b"3")
    log.publish()
    return log


def test_a_published_state_is_read_until_the_next_one_is_published() -> None:
    log = EventLog(1)
    log.append("state", b"1", "state")
    log.publish()
    log.append("state", b"2", "state")
    assert b"data: 1" in log.since(START)[0]
    log.append("state", b"3", "state")
    log.publish()

    assert rest_of(log, START) == b"id: 1-3\nevent: state\ndata: 3\n\n"


def test_who_comes_back_after_a_batch_gets_the_points_and_events_after_it(
    published: EventLog,
) -> None:
    position = published.position_of("5-2")

    assert position == Position(2, 2)
    batch = rest_of(published, position)
    assert curve(batch) == {"first": 2, "values": [3.0, 4.0, 5.0], "lines": [7, 7, 7]}
    assert ids(batch) == ["5-3"]


def test_who_comes_back_in_the_middle_of_a_batch_gets_its_points_again(published: EventLog) -> None:
    position = published.position_of("5-1")

    assert position == Position(1, 0)
    batch = rest_of(published, position)
    assert curve(batch) == {"first": 0, "values": [1.0, 2.0, 3.0, 4.0, 5.0], "lines": [7] * 5}
    assert ids(batch) == ["5-2", "5-3"]


def test_who_has_everything_gets_nothing(published: EventLog) -> None:
    position = published.position_of("5-3")

    assert position == published.published == Position(3, 5)
    assert rest_of(published, position) == b""


@pytest.mark.parametrize("unknown", ["4-1", "5-4", "5-", "5-x", "5", "", "5-" + "1" * 16])
def test_an_id_that_was_never_given_out_has_no_position(published: EventLog, unknown: str) -> None:
    published.append("stdout", b"4")  # not published

    assert published.position_of(unknown) is None


def test_the_oldest_events_go_when_they_are_too_many_bytes() -> None:
    log = EventLog(1)
    body = b"x" * 1_000_000
    for _ in range(100):
        log.append("stdout", body)
    log.publish()

    batch = rest_of(log, START)

    kept = MAX_BYTES // len(body) - 1  # each event has some bytes of its own
    assert MAX_BYTES - 2 * len(body) < len(batch) <= MAX_BYTES
    assert ids(batch) == [f"1-{number}" for number in range(101 - kept, 101)]


def test_a_long_curve_and_many_events_come_in_pieces_that_leave_nothing_out() -> None:
    log = EventLog(1)
    count = 3 * PIECE_POINTS
    log.extend_curve(array("d", range(count)).tobytes(), array("i", [1] * count).tobytes())
    for number in range(1_000):
        log.append("stdout", b'"%d %s"' % (number, b"x" * 1_000))
    log.publish()

    pieces, position = [], START
    while position != log.published:
        piece, position = log.since(position)
        pieces.append(piece)

    assert max(map(len, pieces)) < 2 * PIECE_BYTES
    heard = [json.loads(line[6:]) for line in b"".join(pieces).split(b"\n") if line[:5] == b"data:"]
    points = [point for each in heard if isinstance(each, dict) for point in each["values"]]
    assert points == list(range(count))
    texts = [each for each in heard if isinstance(each, str)]
    assert [int(text.split()[0]) for text in texts] == list(range(1_000))


def test_readers_that_begin_at_many_places_leave_no_copies_behind() -> None:
    log = EventLog(1)
    for _ in range(1_000):
        log.append("stdout", b'"%s"' % (b"x" * 10_000))
    log.publish()
    tracemalloc.start()
    for seq in range(900):
        log.since(Position(seq, 0))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < SHARED_BYTES + 1_000_000
