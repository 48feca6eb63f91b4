"""The repr of small tensors is torch's own, to the letter."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gradfn.recorder.read.tensor_repr import small_repr

FLOATS = st.one_of(
    st.floats(width=32),
    st.floats(-100, 100, width=32),
    st.integers(-2000, 2000).map(float),
    st.sampled_from([0.0, -0.0, 1e-4, 9.9e-5, 1e8, 1.5e8, 999.99994, 0.99995]),
)


def agrees(tensor: torch.Tensor) -> bool:
    """Whether it is written as torch writes it, or left to torch."""
    return small_repr(tensor) in (None, repr(tensor))


@given(st.lists(FLOATS, min_size=1, max_size=33), st.booleans())
def test_floats_are_written_as_torch_writes_them(elements: list[float], followed: bool) -> None:
    assert agrees(torch.tensor(elements, requires_grad=followed))
    assert agrees(torch.tensor(elements[0], requires_grad=followed))
    assert agrees(torch.tensor([elements], requires_grad=followed))
    assert agrees(torch.tensor([[each] for each in elements]))
    assert agrees(torch.tensor([elements, elements], requires_grad=followed) * 1)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=33))
def test_integers_are_written_as_torch_writes_them(elements: list[int]) -> None:
    assert agrees(torch.tensor(elements))
    assert agrees(torch.tensor(elements[0]))
    assert agrees(torch.tensor([elements, elements]))
    assert agrees(torch.tensor([each > 0 for each in elements]))


@pytest.mark.parametrize(
    "code",
    [
        "torch.tensor([1.0], requires_grad=True)",
        "torch.tensor(2.5, requires_grad=True) * 3",
        "(torch.tensor([1.0, -20.0], requires_grad=True) * 2).sum()",
        "torch.tensor([1, 22])",
        "torch.rand(20, 1)",
        "torch.tensor([[1.0, -20.0], [0.5, 3.0]], requires_grad=True)",
        "torch.tensor(True)",
    ],
)
def test_what_beginners_make_is_not_left_to_torch(code: str) -> None:
    tensor = eval(code)
    assert small_repr(tensor) == repr(tensor)


@pytest.mark.parametrize(
    "code",
    [
        "torch.tensor([float('nan')])",
        "torch.tensor([[[1.0]]])",
        "torch.tensor([])",
        "torch.tensor([1.0], dtype=torch.float64)",
        "torch.tensor([1 + 2j])",
        "torch.tensor([1 + 2j]).conj().imag",
        "torch._efficientzerotensor(2)",
        "torch.ones(2, device='meta')",
        "torch.ones(2).to_sparse()",
        "torch.nn.Parameter(torch.ones(2))",
    ],
)
def test_whatever_is_not_ordinary_is_left_to_torch(code: str) -> None:
    assert small_repr(eval(code)) is None


def test_the_program_s_own_settings_count(monkeypatch: pytest.MonkeyPatch) -> None:
    tensor: Any = torch.tensor([0.123456])
    torch.set_printoptions(precision=2)
    try:
        assert small_repr(tensor) is None
    finally:
        torch.set_printoptions(profile="default")
    torch.set_default_dtype(torch.float64)
    try:
        assert small_repr(tensor) is None
    finally:
        torch.set_default_dtype(torch.float32)
    monkeypatch.setattr(torch._tensor_str, "_str", lambda *_, **__: "mine")
    assert small_repr(tensor) is None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch itself
def test_a_dual_tensor_is_left_to_torch() -> None:
    from torch.autograd import forward_ad

    with forward_ad.dual_level():
        assert small_repr(forward_ad.make_dual(torch.ones(1), torch.ones(1))) is None
