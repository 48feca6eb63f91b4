"""The door: what a child sends is a record, to the letter, or it is refused."""

import contextlib
import math
from array import array
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradfn.events import kinds
from gradfn.events.graph import EDGES_PER_FUNCTION, MAX_OUTPUTS, TensorRead, Variable
from gradfn.events.kinds import (
    Answered,
    ChildEvent,
    ControlsFound,
    Evaluated,
    FigureDrawn,
    Finished,
    GraphMoved,
    GraphRead,
    GraphWalked,
    Halted,
    Paused,
    Raised,
    Resumed,
    TensorsRead,
    TrainingRead,
    VariablesBound,
    ViewsFound,
    Warned,
)
from gradfn.events.live import (
    MAX_MOVED_ELEMENTS,
    MAX_SEEN_FUNCTIONS,
    Control,
    Failed,
    ParameterRead,
    TensorMoved,
    ViewFound,
    ViewRead,
)
from gradfn.events.recorded import (
    Recorded,
    RecordedBinding,
    RecordedChange,
    RecordedCut,
    RecordedFrame,
    RecordedFunction,
    RecordedInPlaceChange,
    RecordedMoment,
    RecordedOperand,
    RecordedOutput,
    RecordedPass,
    RecordedPassedFunction,
    RecordedPlace,
    RecordedSaved,
    RecordedStep,
    RecordedTraining,
    RecorderFailed,
)
from gradfn.events.run import FileWritten, Frame, Program, Substituted
from gradfn.events.values import MAX_VALUES, Summary, TensorValue
from gradfn.events.wire import (
    BYTES_PER_FUNCTION,
    MAX_RECORD_BYTES,
    BrokenWire,
    Frames,
    decode,
    decode_program,
    encode,
)


def ints(*numbers: int) -> bytes:
    return array("i", numbers).tobytes()


VALUE = TensorValue([2], "float32", [1.0, "NaN"], None)
SUMMARY = TensorValue([999], "float32", None, Summary(0.0, 1.0, 0.5, 0.1, 3.0, 7, 0))
TENSOR = TensorRead(
    ["w"], "leaf", True, True, False, None, 0, VALUE, SUMMARY, 0, [1], None, 3, False, 7
)
RECORDED = Recorded(
    places=[RecordedPlace(1, 0, 1, 5, "x * w")],
    stacks=[[RecordedFrame("<module>", 1)]],
    functions=[
        RecordedFunction(
            *(0, "aten::mul.Tensor", "net", 1, 0, 0, 2),
            [RecordedOperand("self", 0, None), RecordedOperand("other", None, 2)],
            [RecordedSaved("self", 0, None, True, False)],
        )
    ],
    passes=[
        RecordedPass(
            "backward",
            *(3, 0, 2, [0]),
            [VALUE],
            [None],
            [RecordedPassedFunction(0, "MulBackward0", [VALUE], [SUMMARY, None])],
            [RecordedChange("w", 0, None, VALUE)],
            *(None, False),
        )
    ],
    cuts=[RecordedCut("detach", 0, 0, 0, 1, "y", 0, 0, None, 3)],
    in_place=[RecordedInPlaceChange("add_", 0, 0, None, 1, "y", 0, None, 0, 1, [0])],
    training=[RecordedTraining("zero_grad", 0, 4, 1, [])],
    steps=[
        RecordedStep(
            *(1, 1, 0, "<module>", None, [RecordedBinding("y", "tensor", "", VALUE, 0)]),
            *([RecordedOutput(0, 0, VALUE)], [RecordedMoment(0, "grad", None)], "text"),
        )
    ],
    operations=1,
    executed=1,
    thinned=["Later steps were left out."],
)
RECORDS: list[ChildEvent] = [
    RECORDED,
    Warned("UserWarning", "text", 3),
    FileWritten("model.pt", 3, b"abc"),
    Substituted("cuda", 3),
    Evaluated("tensor([1.])"),
    Raised("exception", "ValueError", "text", 3, None, [Frame("<module>", 3, "f()")]),
    FigureDrawn("svg", b"<svg/>", 3),
    GraphWalked(
        ["Mul", "Acc"],
        ints(0, 1),
        ints(0, 2, 2),
        ints(1, -1),
        ints(0, 0),
        False,
        ints(4, 2**31 - 1),
    ),
    TensorsRead([TENSOR], truncated=False),
    VariablesBound([Variable("w", "tensor", 0, "tensor([1.])")], False),
    TrainingRead(
        1,
        3,
        "loss",
        0.5,
        [ParameterRead("w", VALUE, None)],
        {"lr": 0.1},
        [ViewRead(0, b"", b"", b"\0\xff", 0.0, 1.0)],
        array("d", [1.0, 0.5]).tobytes(),
        ints(3, 3),
    ),
    ControlsFound([Control("lr", "float", 0.1, 1, 0.01, 1.0, "log", "now")], None),
    ViewsFound([ViewFound("fit", "t", "x", "y", (0.0, 1.0, 0.0, 1.0))]),
    Paused(3, 1, True),
    Resumed(),
    Halted(3),
    Answered(1, "1", Failed("E", "m"), None, TensorsRead([TENSOR], truncated=False)),
    GraphRead(
        *(1, 0, GraphWalked([], b"", ints(0), b"", b"", False, b"")),
        *(TensorsRead([TENSOR], truncated=False), RECORDED, None),
    ),
    GraphMoved(
        1,
        0,
        [TensorMoved(0, VALUE, None)],
        [VALUE],
        [RecordedPassedFunction(0, "Mul", [VALUE], [])],
    ),
    RecorderFailed({}),
    Finished(1.0, 2.0),
]
NOT_TEXT = [None, 1, b"x", ["x"]]
NOT_NAME = [*NOT_TEXT, "x" * 201]
NOT_BYTES = [None, 1, ["x"]]
NOT_COUNT = [-1, 1.5, "1", True, b"x", 2**63]
NOT_LINE = [0, *NOT_COUNT]
NOT_FLAG = [None, 0, "yes"]
NOT_AMOUNT = [None, -1.0, 1e13, math.nan, "1", True]
NOT_LIST: list[Any] = [None, 1, "x", {}, [None], [1]]
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
    "GraphWalked": [
        NOT_LIST,
        *[[*NOT_BYTES, b"torn"[:3]]] * 4,
        NOT_FLAG,
        [*NOT_BYTES, b"torn"[:3]],
    ],
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
        NOT_LINE,
        NOT_FLAG,
        NOT_COUNT,
        *[NOT_FLAG] * 2,
    ],
    "Recorded": [*[NOT_LIST] * 8, *[[None, *NOT_COUNT]] * 2, NOT_LIST],
    "VariablesBound": [NOT_LIST, NOT_FLAG],
    "Variable": [NOT_NAME, [*NOT_TEXT, "tensors"], NOT_COUNT, [*NOT_TEXT, "x" * 20_001]],
    "TrainingRead": [
        NOT_COUNT,
        NOT_LINE,
        NOT_NAME,
        [b"x", "x", True],
        [*NOT_LIST, [["w", None]]],
        [None, 1, [], {"x": "y"}],
        NOT_LIST,
        [*NOT_BYTES, b"torn", b"x" * 24],
        [*NOT_BYTES, b"torn"],
    ],
    "ControlsFound": [[*NOT_LIST, [["lr", "text", 1, 1, None, None, "log", "now"]]], ["x", b""]],
    "ViewsFound": [[*NOT_LIST, [["pie", "", "", "", [0, 1, 0, 1]]]]],
    "Paused": [NOT_LINE, [-1, 1.5, "1"], [1, "yes", None]],
    "Resumed": [],
    "Halted": [NOT_LINE],
    "Answered": [
        NOT_COUNT,
        [1, b"x", "x" * 20_001],
        [1, "x", ["E"]],
        *[[1, "x", ["GraphWalked"]]] * 2,
    ],
    "GraphRead": [
        [-1, 1.5, "1"],
        NOT_COUNT,
        *[[None, *wrong] for wrong in ([1, ["GraphWalked"]], [1], [1])],
        [1, "x", ["E"]],
    ],
    "GraphMoved": [
        *[NOT_COUNT] * 2,
        [*NOT_LIST, [[0, None]]],
        [None, 1, "x", [1], [["x"]]],
        [*NOT_LIST, [[0, "x", None]]],
    ],
    "Finished": [NOT_AMOUNT] * 2,
}


def body(record: Any) -> bytes:
    return encode(record)[4:]


def test_there_is_a_sample_of_every_record_a_child_may_send() -> None:
    assert {type(record) for record in RECORDS} == set(get_args(ChildEvent))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_went(record: ChildEvent) -> None:
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
def test_a_record_with_a_field_too_many_or_too_few_is_refused(record: ChildEvent) -> None:
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
        ("functions", ints(1, 0)),  # in a circle
        ("functions", ints(0, -1)),
        ("input_nrs", ints(0, -1)),
        ("input_nrs", ints(0, MAX_OUTPUTS)),
        ("input_nrs", ints(0, 0, 0)),
        ("sequence_nrs", ints(0)),
    ],
)
def test_a_graph_whose_columns_do_not_fit_is_refused(field: str, wrong: bytes) -> None:
    sound = next(record for record in RECORDS if isinstance(record, GraphWalked))
    fields = {name: getattr(sound, name) for name in GraphWalked.__struct_fields__}
    fields[field] = wrong

    assert refuses(["GraphWalked", *fields.values()])


def test_a_list_that_is_longer_than_its_limit_is_refused() -> None:
    for field, wrong in (
        ("data", [0.0] * (MAX_VALUES + 1)),
        ("shape", [1] * 65),
        ("dtype", "x" * 201),
    ):
        value = {"shape": [1], "dtype": "x", "data": [1.0], "summary": None, field: wrong}
        tensor = [["w"], "leaf", True, True, False, None, 0, value, None, 0, None, None]
        assert refuses(["TensorsRead", [["TensorRead", *tensor]], False])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_a_broken_wire(noise: bytes) -> None:
    with contextlib.suppress(BrokenWire):
        assert isinstance(decode(noise), get_args(ChildEvent))


def test_deep_nesting_is_a_broken_wire_and_not_a_crash() -> None:
    with pytest.raises(BrokenWire):
        decode(b"\x91" * 400_000)


@given(st.lists(st.integers(1, 40), max_size=30))
def test_frames_come_out_whole_however_they_are_cut(cuts: list[int]) -> None:
    stream = b"".join(map(encode, RECORDS))
    frames, at = Frames(), 0
    got: list[ChildEvent] = []
    for cut in [*cuts, len(stream)]:
        got += frames.feed(stream[at : at + cut])
        at += cut

    assert got == RECORDS
    assert not frames.torn


def test_a_frame_longer_than_any_is_refused_before_it_is_waited_for() -> None:
    most = MAX_RECORD_BYTES + BYTES_PER_FUNCTION * 1_000
    assert list(Frames(1_000).feed(most.to_bytes(4, "little"))) == []
    with pytest.raises(BrokenWire, match="more than"):
        list(Frames(1_000).feed((most + 1).to_bytes(4, "little")))


def test_the_largest_graph_that_may_be_told_fits_into_a_frame() -> None:
    count, edges = 1_000, 1_000 * EDGES_PER_FUNCTION
    columns = bytes(4 * count), ints(*[0] * count, edges), bytes(4 * edges), bytes(4 * edges)
    graph = GraphWalked(["x" * 200] * 10_000, *columns, True, bytes(4 * count))

    assert list(Frames(count).feed(encode(graph))) == [graph]


def test_a_record_is_refused_for_its_length_unless_it_is_a_graph() -> None:
    numbers = b"\x00" * (MAX_RECORD_BYTES + 1)
    with pytest.raises(BrokenWire, match="more than"):
        decode(msgspec.msgpack.encode(["Evaluated", numbers]))

    count = MAX_RECORD_BYTES // 4
    graph = GraphWalked(["A"], bytes(4 * count), bytes(4 * count + 4), b"", b"", False, b"")
    assert decode(body(graph), count) == graph


def test_a_graph_is_refused_when_it_is_larger_than_was_asked_for() -> None:
    graph = next(record for record in RECORDS if isinstance(record, GraphWalked))
    assert decode(body(graph), 2) == graph
    with pytest.raises(BrokenWire, match="more than 1 functions"):
        decode(body(graph), 1)


def test_a_graph_seen_while_a_run_is_live_is_refused_when_it_is_large() -> None:
    def seen(count: int) -> GraphRead:
        walked = GraphWalked(["A"], bytes(4 * count), bytes(4 * count + 4), b"", b"", False, b"")
        return GraphRead(0, 0, walked, TensorsRead([], truncated=False), RECORDED, None)

    assert decode(body(seen(MAX_SEEN_FUNCTIONS))) == seen(MAX_SEEN_FUNCTIONS)
    with pytest.raises(BrokenWire, match="functions"):
        decode(body(seen(MAX_SEEN_FUNCTIONS + 1)))


def test_what_moved_is_refused_when_it_has_more_numbers_than_a_stream_should_carry() -> None:
    half = TensorValue([1], "float32", [0.0] * (MAX_MOVED_ELEMENTS // 2), None)
    sound = GraphMoved(1, 0, [TensorMoved(0, half, half)], [], [])

    assert decode(body(sound)) == sound
    with pytest.raises(BrokenWire, match="elements"):
        decode(body(msgspec.structs.replace(sound, root_values=[VALUE])))


def test_half_a_frame_is_known_to_be_torn() -> None:
    frames = Frames()

    assert list(frames.feed(encode(RECORDS[0])[:-1])) == []
    assert frames.torn


def test_a_program_comes_back_as_it_went() -> None:
    program = Program("x = 'ü𝛼'", 10, 7, ["w"], True, "graph", 5, 6, 7.5)

    assert decode_program(encode(program)[4:]) == program
