"""Room for a thumbnail in a compact box, where there is a matrix to see."""

import pytest

from gradfn.render.rows import compact_rows
from tests.render.graphs import tensor, value


@pytest.mark.parametrize(
    ("shape", "room"), [([], 0), ([8], 0), ([8, 1], 0), ([2, 2], 0), ([2, 4], 3), ([2, 1, 2, 2], 3)]
)
def test_a_matrix_of_six_elements_or_more_has_room(shape: list[int], room: int) -> None:
    count = 1
    for length in shape:
        count *= length
    held = value(*range(count), shape=shape)
    first, *_ = compact_rows(tensor("t1", "t", role="constant", holds=held))
    assert len(first) - len(first.rstrip()) == room
