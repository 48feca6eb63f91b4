"""The numbers told are the tensor's own, whatever it is made of."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gradfn.events.values import TensorValue
from gradfn.recorder.read.text import ShortRepr, clean
from gradfn.recorder.read.values import Values
from gradfn.recorder.torch_internals import without_user_hooks

floats = st.floats(allow_nan=True, allow_infinity=True)
complexes = st.complex_numbers(allow_nan=True, allow_infinity=True)


def read(tensor: torch.Tensor, most: int = 256) -> TensorValue:
    with without_user_hooks():
        value, note = Values(most).read(tensor)
    assert value is not None
    assert note is None
    return value


def not_read(tensor: torch.Tensor, most: int = 256) -> tuple[TensorValue | None, str]:
    with without_user_hooks():
        value, note = Values(most).read(tensor)
    assert note is not None
    return value, note


def heard(spoken: Any) -> Any:
    """The number that JSON's word stands for."""
    return complex(*map(heard, spoken)) if isinstance(spoken, list) else float(spoken)


def same(ours: Any, theirs: Any) -> bool:
    return repr(ours) == repr(theirs)


@given(st.lists(floats))
def test_doubles_are_listed_exactly(numbers: list[float]) -> None:
    value = read(torch.tensor(numbers, dtype=torch.float64))

    assert value.dtype == "float64"
    assert value.shape == [len(numbers)]
    assert same([heard(each) for each in value.data or ()], numbers)


@given(st.lists(complexes, min_size=1))
def test_complex_numbers_are_pairs(numbers: list[complex]) -> None:
    value = read(torch.tensor(numbers, dtype=torch.complex128).conj())

    pairs: Any = value.data or ()
    heard_parts = [(heard(real), heard(imaginary)) for real, imaginary in pairs]
    assert same(heard_parts, [(each.real, -each.imag) for each in numbers])


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_integers_keep_every_digit(numbers: list[int]) -> None:
    assert read(torch.tensor(numbers, dtype=torch.int64)).data == numbers


@given(st.lists(floats, min_size=1))
def test_a_summary_is_taken_over_what_is_finite(numbers: list[float]) -> None:
    summary = read(torch.tensor(numbers, dtype=torch.float64), most=0).summary
    assert summary is not None
    finite = torch.tensor([each for each in numbers if math.isfinite(each)], dtype=torch.float64)

    assert summary.nonfinite == len(numbers) - len(finite)
    assert summary.zeros == numbers.count(0.0)
    if len(finite) == 0:
        assert summary.min is summary.max is summary.mean is summary.std is summary.norm is None
        return
    assert (heard(summary.min), heard(summary.max)) == (finite.min().item(), finite.max().item())
    assert same(heard(summary.mean), finite.mean().item())
    assert same(heard(summary.norm), finite.norm().item())
    if len(finite) == 1:
        assert summary.std is None
    else:
        assert same(heard(summary.std), finite.std().item())


def test_row_major_is_kept_whatever_the_strides() -> None:
    tensor = torch.arange(6.0).reshape(2, 3).T

    assert read(tensor).data == [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]
    assert read(tensor).shape == [3, 2]


def test_no_dimensions_is_one_element_and_no_elements_is_none() -> None:
    assert (read(torch.tensor(2.5)).shape, read(torch.tensor(2.5)).data) == ([], [2.5])
    assert (read(torch.zeros(3, 0)).shape, read(torch.zeros(3, 0)).data) == ([3, 0], [])
    assert read(torch.zeros(0), most=0).data == []


def test_truth_values_stay_truth_values() -> None:
    data = read(torch.tensor([True, False])).data or []

    assert [type(each) for each in data] == [bool, bool]


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "float8_e5m2", "bfloat16", "float16"])
def test_short_floats_are_told_as_what_they_stand_for(kind: str) -> None:
    tensor = torch.tensor([0.5, -1.5, 2.0]).to(getattr(torch, kind))

    assert read(tensor) == TensorValue([3], kind, [0.5, -1.5, 2.0], None)


def test_a_sparse_tensor_is_told_as_what_it_stands_for() -> None:
    sparse = torch.sparse_coo_tensor(
        torch.tensor([[1]]), torch.tensor([2.0]), (3,), check_invariants=True
    )

    assert read(sparse).data == [0.0, 2.0, 0.0]


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
@pytest.mark.parametrize("layout", ["csr", "csc", "bsr"])
def test_a_sparse_tensor_whose_indices_lead_astray_is_not_followed(layout: str) -> None:
    build = getattr(torch, f"sparse_{layout}_tensor")
    values = torch.ones(1, 1, 1) if layout == "bsr" else torch.ones(1)
    astray = build([0, 10**9], [10**9], values, (1, 1), check_invariants=False)

    value, note = not_read(astray)

    assert value is None
    assert note.startswith("The value of this Tensor cannot be read: ")


def test_a_meta_tensor_has_a_shape_and_a_note() -> None:
    value, note = not_read(torch.ones(2, 3, device="meta"))

    assert value == TensorValue([2, 3], "float32", None, None)
    assert "meta" in note


def test_a_tensor_that_torch_cannot_list_has_a_note() -> None:
    _, note = not_read(torch.empty(2, dtype=torch.float4_e2m1fn_x2))

    assert note.startswith("The value of this Tensor cannot be read: ")


def test_memory_that_is_gone_is_not_followed() -> None:
    tensor = torch.ones(1_000)
    tensor.untyped_storage().resize_(0)

    assert not_read(tensor) == (None, "Its memory is freed.")


def test_summaries_share_one_budget() -> None:
    values = Values(0)
    large = torch.ones(1).expand(15_000_000)
    with without_user_hooks():
        first, second = values.read(large), values.read(large)
        small = values.read(torch.ones(5))

    assert first[1] is None
    assert second[1] == "Too many elements to summarise."
    assert small[1] is None


@given(st.text(alphabet=st.characters(exclude_categories=())), st.integers(0, 50))
def test_clean_text_can_be_encoded_and_is_short(text: str, most: int) -> None:
    cleaned = clean(text, most)

    assert len(cleaned) <= most
    cleaned.encode()


SHORT: list[tuple[object, str]] = [
    ({"b": 1, "a": [2]}, "{'b': 1, 'a': [2]}"),
    ([[[[1]]]], "[[[[...]]]]"),
    (list(range(30))[:21], f"[{', '.join(map(str, range(20)))}, ...]"),
    ({i: i for i in range(21)}, "{" + ", ".join(f"{i}: {i}" for i in range(20)) + ", ...}"),
    ((1,), "(1,)"),
    (1 + 2j, "(1+2j)"),
]


@pytest.mark.parametrize(("thing", "text"), SHORT, ids=[text[:20] for _, text in SHORT])
def test_a_repr_is_pythons_as_far_as_there_is_room(thing: object, text: str) -> None:
    assert ShortRepr().repr(thing) == text


def test_a_long_repr_loses_its_middle() -> None:
    text = ShortRepr().repr(b"x" * 5_000)

    assert len(text) <= 1_000
    assert text.startswith("b'xx")
    assert text.endswith("xx'")
    assert "..." in text


def test_a_repr_that_fails_says_how() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise SystemExit("bye")

    assert ShortRepr().repr(Broken()) == "<SystemExit in __repr__ of Broken>"
    assert ShortRepr().repr([Broken()]) == "<SystemExit in __repr__ of list>"
