"""What a child sends is bounded by what it takes in memory, not by its bytes alone."""

import pytest
from msgspec import msgpack

from gradfn.events.event_reader import MAX_KEPT_BYTES, MAX_LATEST_BYTES, EventReader
from gradfn.events.graph import TensorRead
from gradfn.events.kinds import TensorsRead, TrainingRead, Warned
from gradfn.events.values import MAX_VALUES, TensorValue
from gradfn.events.wire import MAX_RECORD_BYTES, BrokenWire, encode
from gradfn.run.limits import Limits

STATE = TrainingRead(0, 1, "loss", 1.0, [], {}, [], b"", b"")


def tensors(element: object, count: int) -> TensorsRead:
    """So many tensors, full of such elements."""
    value = TensorValue([MAX_VALUES], "complex64", [element] * MAX_VALUES, None)  # type: ignore[list-item]
    read = TensorRead(
        ["z"], "leaf", True, True, False, None, 0, value, None, 0, [], None, None, True, None
    )
    return TensorsRead([read] * count, False)


def test_what_only_a_live_run_sends_breaks_the_wire_of_another() -> None:
    live = EventReader(Limits().on_wire, live=True)
    assert [*live.feed(encode(STATE)), *live.feed(encode(STATE))] == [STATE, STATE]
    with pytest.raises(BrokenWire, match="TrainingRead"):
        list(EventReader(Limits().on_wire).feed(encode(STATE)))


@pytest.mark.parametrize("name", ["Evaluated", "Raised"])
def test_what_is_said_once_is_not_heard_twice(name: str) -> None:
    of: dict[str, list[object]] = {
        "Evaluated": ["1"],
        "Raised": ["exception", "E", "", None, None, []],
    }
    body = msgpack.encode([name, *of[name]])
    reader, frame = EventReader(Limits().on_wire), len(body).to_bytes(4, "little") + body
    assert len(list(reader.feed(frame))) == 1
    with pytest.raises(BrokenWire, match="twice"):
        list(reader.feed(frame))


def test_complex_numbers_are_counted_by_the_memory_that_they_take() -> None:
    frame = encode(tensors([0, 0], 120))
    assert len(frame) < MAX_RECORD_BYTES
    reader = EventReader(Limits().on_wire)
    list(reader.feed(frame))
    assert reader.is_over_limit


def test_as_many_values_as_an_honest_child_reports_are_within_the_limit() -> None:
    reader = EventReader(Limits().on_wire)
    list(reader.feed(encode(tensors([1.5, 2.5], 20))))  # MAX_VALUES_IN_ALL
    assert not reader.is_over_limit


def test_many_small_records_are_counted_too() -> None:
    reader, frame = EventReader(Limits().on_wire), encode(Warned("W", "x" * 10_000, 1))
    count = 0
    while not reader.is_over_limit:
        count += len(list(reader.feed(frame)))
    assert count * len(frame) <= MAX_KEPT_BYTES


def test_a_single_record_of_a_live_run_is_bounded_too() -> None:
    value = TensorValue([MAX_VALUES], "complex64", [[0, 0]] * MAX_VALUES, None)
    parameters = [["w", value, value]] * 60
    body = msgpack.encode(["TrainingRead", 0, 1, "loss", 1.0, parameters, {}, [], b"", b""])
    assert len(body) < MAX_LATEST_BYTES / 8
    with pytest.raises(BrokenWire, match="MB of memory"):
        list(EventReader(Limits().on_wire, live=True).feed(len(body).to_bytes(4, "little") + body))
