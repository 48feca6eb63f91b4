"""The door: what a child sends is a record, to the letter, or it is refused."""

import contextlib
import math
from array import array
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.events import kinds
from app.events.kinds import (
    Evaluated,
    FigureDrawn,
    Finished,
    Frame,
    GraphWalked,
    Program,
    Raised,
    Summary,
    TensorRead,
    TensorsRead,
    TensorValue,
    Told,
    Variable,
    VariablesBound,
    Warned,
)
from app.events.wire import (
    MAX_FRAME_BYTES,
    BrokenWire,
    Frames,
    decode,
    decode_program,
    encode,
    encode_program,
)


def ints(*numbers: int) -> bytes:
    return array("i", numbers).tobytes()


VALUE = TensorValue([2], "float32", [1.0, "NaN"], None)
SUMMARY = TensorValue([999], "float32", None, Summary(0.0, 1.0, 0.5, 0.1, 3.0, 7, 0))
TENSOR = TensorRead(["w"], "leaf", True, True, False, None, 0, VALUE, SUMMARY, 0, [1], None)
RECORDS: list[Told] = [
    Warned("UserWarning", "text", 3),
    Evaluated("tensor([1.])"),
    Raised("exception", "ValueError", "text", 3, None, [Frame("<module>", 3, "f()")]),
    FigureDrawn("svg", b"<svg/>", 3),
    GraphWalked(
        ["Mul", "Acc"], ints(0, 1), ints(0, 2, 2), ints(1, -1), ints(0, 0), truncated=False
    ),
    TensorsRead([TENSOR], truncated=False),
    VariablesBound([Variable("w", "tensor", 0, "tensor([1.])")]),
    Finished(1.0, 2.0),
]
NOT_TEXT = [None, 1, b"x", ["x"]]
NOT_NAME = [*NOT_TEXT, "x" * 201]
NOT_BYTES = [None, 1, ["x"]]
NOT_COUNT = [-1, 1.5, "1", True, b"x", 2**63]
NOT_LINE = [0, *NOT_COUNT]
NOT_FLAG = [None, 0, "yes"]
NOT_AMOUNT = [None, -1.0, 1e13, math.nan, "1", True]
NOT_LIST = [None, 1, "x", {}, [None], [1]]
NOT_VALUE = [1, [], {}, {"shape": [1]}]

# For each field in turn, what it must not be.
WRONG: dict[str, list[list[Any]]] = {
    "Warned": [NOT_NAME, [*NOT_TEXT, "x" * 20_001], NOT_LINE],
    "Evaluated": [[*NOT_TEXT, "x" * 20_001]],
    "Raised": [
        [*NOT_TEXT, "limit"],
        NOT_NAME,
        [*NOT_TEXT, "x" * 20_001],
        NOT_LINE,
        NOT_COUNT,
        [*NOT_LIST, [{"function": "f", "line": 0, "code": ""}]],
    ],
    "FigureDrawn": [[*NOT_TEXT, "pdf"], [*NOT_BYTES, b"x" * 4_000_001], NOT_LINE],
    "GraphWalked": [NOT_LIST, *[[*NOT_BYTES, b"torn"[:3]]] * 4, NOT_FLAG],
    "TensorsRead": [NOT_LIST, NOT_FLAG],
    "TensorRead": [
        NOT_LIST,
        [*NOT_TEXT, "buffer"],
        *[NOT_FLAG] * 3,
        NOT_COUNT,
        [None, *NOT_COUNT],
        *[NOT_VALUE] * 2,
        *[NOT_COUNT] * 2,
        [1, b"x", "x" * 20_001],
    ],
    "VariablesBound": [NOT_LIST],
    "Variable": [NOT_NAME, [*NOT_TEXT, "tensors"], NOT_COUNT, [*NOT_TEXT, "x" * 20_001]],
    "Finished": [NOT_AMOUNT] * 2,
}


def body(record: Any) -> bytes:
    return encode(record)[4:]


def test_there_is_a_sample_of_every_record_a_child_may_send() -> None:
    assert {type(record) for record in RECORDS} == set(get_args(Told))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_went(record: Told) -> None:
    assert decode(body(record)) == record


def refuses(fields: list[Any]) -> bool:
    try:
        decode(msgspec.msgpack.encode(fields))
    except BrokenWire:
        return True
    return False


@pytest.mark.parametrize("name", WRONG)
def test_every_field_in_turn_is_refused_when_it_is_wrong(name: str) -> None:
    around = {"TensorRead": "TensorsRead", "Variable": "VariablesBound"}.get(name)
    record = next(each for each in RECORDS if type(each).__name__ == (around or name))
    sound = msgspec.msgpack.decode(body(record))
    inner = sound[1][0] if around else sound
    assert len(WRONG[name]) == len(inner) - 1, "a field has no wrong values here"

    for position, values in enumerate(WRONG[name], start=1):
        for wrong in values:
            fields = [*inner[:position], wrong, *inner[position + 1 :]]
            assert refuses([sound[0], [fields], *sound[2:]] if around else fields), (
                f"{name}, field {position} takes {str(wrong)[:50]}"
            )


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_with_a_field_too_many_or_too_few_is_refused(record: Told) -> None:
    sound = msgspec.msgpack.decode(body(record))

    assert refuses([*sound, None])
    assert refuses(sound[:-1])


def test_a_record_that_only_the_parent_may_add_is_refused() -> None:
    for record in (
        kinds.Printed("stdout", "x", False),
        kinds.LimitReached("time", "x"),
        kinds.Crashed("crash", "x"),
        kinds.Timed(1.0, 1.0),
        Program("x"),
    ):
        with pytest.raises(BrokenWire):
            decode(body(record))


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("kind_of", ints(0, 2)),
        ("kind_of", ints(0, -1)),
        ("kind_of", b"torn"[:3]),
        ("kind_of", ints(0)),
        ("offsets", ints(0, 2)),
        ("offsets", ints(1, 2, 2)),
        ("offsets", ints(0, 3, 2)),
        ("offsets", ints(0, 2, 1)),
        ("functions", ints(2, -1)),
        ("functions", ints(1, -2)),
        ("functions", ints(1)),
        ("input_nrs", ints(0, -1)),
        ("input_nrs", ints(0, 0, 0)),
    ],
)
def test_a_graph_whose_columns_do_not_fit_is_refused(field: str, wrong: bytes) -> None:
    sound = next(record for record in RECORDS if isinstance(record, GraphWalked))
    fields = {name: getattr(sound, name) for name in GraphWalked.__struct_fields__}
    fields[field] = wrong

    assert refuses(["GraphWalked", *fields.values()])


def test_a_list_that_is_longer_than_its_limit_is_refused() -> None:
    for field, wrong in (
        ("data", [0.0] * (kinds.MAX_VALUES + 1)),
        ("shape", [1] * 65),
        ("dtype", "x" * 201),
    ):
        value = {"shape": [1], "dtype": "x", "data": [1.0], "summary": None, field: wrong}
        tensor = [["w"], "leaf", True, True, False, None, 0, value, None, 0, None, None]
        assert refuses(["TensorsRead", [["TensorRead", *tensor]], False])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_a_broken_wire(noise: bytes) -> None:
    with contextlib.suppress(BrokenWire):
        assert isinstance(decode(noise), get_args(Told))


def test_deep_nesting_is_a_broken_wire_and_not_a_crash() -> None:
    with pytest.raises(BrokenWire):
        decode(b"\x91" * 400_000)


@given(st.lists(st.integers(1, 40), max_size=30))
def test_frames_come_out_whole_however_they_are_cut(cuts: list[int]) -> None:
    stream = b"".join(map(encode, RECORDS))
    frames, got, at = Frames(), [], 0
    for cut in [*cuts, len(stream)]:
        got += frames.feed(stream[at : at + cut])
        at += cut

    assert got == RECORDS
    assert not frames.torn


def test_a_frame_longer_than_any_is_refused_before_it_is_waited_for() -> None:
    with pytest.raises(BrokenWire, match="longer"):
        list(Frames().feed((MAX_FRAME_BYTES + 1).to_bytes(4, "little")))


def test_half_a_frame_is_known_to_be_torn() -> None:
    frames = Frames()

    assert list(frames.feed(encode(RECORDS[0])[:-1])) == []
    assert frames.torn


def test_a_program_comes_back_as_it_went() -> None:
    program = Program("x = 'ü𝛼'", 10, 7, ["w"], True, "graph", 5, 6, 7.5)

    assert decode_program(encode_program(program)) == program
