"""What was recorded is published with every field, and a forged index leads nowhere."""

import dataclasses
from typing import Any

import pytest

from gradfn.events import recorded
from gradfn.events.graph import TensorRead, Variable
from gradfn.events.recorded import RecordedMoment, RecordedPassedFunction, RecordedSaved
from gradfn.model import document, recording
from gradfn.model.publish import Publisher

# What is published, what it is of, and the fields that come from elsewhere.
PAIRS: list[tuple[Any, Any, set[str]]] = [
    (recording.StackFrame, recorded.RecordedFrame, set()),
    (recording.Span, recorded.RecordedPlace, set()),
    (recording.Changed, recorded.RecordedChange, set()),
    (recording.PassedFunction, recorded.RecordedPassedFunction, set()),
    (recording.BackwardPass, recorded.RecordedPass, {"accumulated_into"}),
    (recording.Cut, recorded.RecordedCut, set()),
    (recording.InPlaceChange, recorded.RecordedInPlaceChange, set()),
    (recording.TrainingEvent, recorded.RecordedTraining, set()),
    (recording.Bound, recorded.RecordedBinding, set()),
    (recording.Made, recorded.RecordedOutput, set()),
    (recording.Moment, recorded.RecordedMoment, set()),
    (recording.Step, recorded.RecordedStep, set()),
    (document.Operand, recorded.RecordedOperand, set()),
    (document.Saved, recorded.RecordedSaved, set()),
    (document.Tensor, TensorRead, {"id"}),
    (document.Variable, Variable, set()),
]


@pytest.mark.parametrize(("published", "record", "others"), PAIRS)
def test_every_published_field_is_recorded_under_the_same_name(
    published: Any, record: Any, others: set[str]
) -> None:
    names = {each.name for each in dataclasses.fields(published)}

    assert names - set(record.__struct_fields__) == others


@pytest.fixture
def publisher() -> Publisher:
    """For a document of two tensors and one function."""
    return Publisher({"tensor": {0: "t1", 1: "t2"}.get, "function": {0: "f1"}.get})


def test_an_index_is_published_as_an_id_and_null_as_null(publisher: Publisher) -> None:
    records = [RecordedSaved("self", at, 2.0, True, False) for at in (0, 1, None)]

    assert publisher.all(document.Saved, records) == (
        document.Saved("self", "t1", 2.0, True, False),
        document.Saved("self", "t2", 2.0, True, False),
        document.Saved("self", None, 2.0, True, False),
    )


def test_a_forged_index_is_null_where_null_may_stand(publisher: Publisher) -> None:
    (passed,) = publisher.all(
        recording.PassedFunction, [RecordedPassedFunction(1, "Mul", [None], [])]
    )

    assert passed == recording.PassedFunction(None, (None,), (), "Mul")


def test_what_is_of_a_forged_index_alone_is_left_out(publisher: Publisher) -> None:
    records = [RecordedMoment(at, "grad", None) for at in (2, 1, 2**31)]

    assert publisher.all(recording.Moment, records) == (recording.Moment("t2", "grad", None),)
