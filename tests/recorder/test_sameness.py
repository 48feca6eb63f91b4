"""The comparison of graphs sees every difference but that of ids and order."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.recorder.sameness import canonical

Json = Any


def diamond() -> tuple[list[Json], list[Json]]:
    functions = [
        {"name": "Add", "next": [[1, 0], [2, 1]], "variable": None},
        {"name": "Mul", "next": [[3, 0], None], "variable": None},
        {"name": "Mul", "next": [[3, 0], None], "variable": None},
        {"name": "AccumulateGrad", "next": [], "variable": 1},
    ]
    tensors = [
        {"names": ["y"], "grad_fn": 0, "output_nr": 0, "value": [1.0]},
        {"names": ["w"], "grad_fn": None, "output_nr": 0, "value": [2.0]},
    ]
    return functions, tensors


def reordered() -> tuple[list[Json], list[Json]]:
    functions = [
        {"name": "AccumulateGrad", "next": [], "variable": 0},
        {"name": "Mul", "next": [[0, 0], None], "variable": None},
        {"name": "Add", "next": [[3, 0], [1, 1]], "variable": None},
        {"name": "Mul", "next": [[0, 0], None], "variable": None},
    ]
    tensors = [
        {"names": ["w"], "grad_fn": None, "output_nr": 0, "value": [2.0]},
        {"names": ["y"], "grad_fn": 2, "output_nr": 0, "value": [1.0]},
    ]
    return functions, tensors


def rename(functions: list[Json], _: list[Json]) -> None:
    functions[1]["name"] = "Div"


def swap_edges(functions: list[Json], _: list[Json]) -> None:
    functions[1]["next"].reverse()


def other_input(functions: list[Json], _: list[Json]) -> None:
    functions[0]["next"][0][1] = 1


def share(functions: list[Json], _: list[Json]) -> None:
    functions[0]["next"][1][0] = 1


def drop_none(functions: list[Json], _: list[Json]) -> None:
    functions[1]["next"].pop()


def split_leaf(functions: list[Json], _: list[Json]) -> None:
    functions.append({"name": "AccumulateGrad", "next": [], "variable": 1})
    functions[2]["next"][0] = [4, 0]


def lose_leaf(functions: list[Json], _: list[Json]) -> None:
    functions[3]["variable"] = None


def other_owner(_: list[Json], tensors: list[Json]) -> None:
    tensors[0]["grad_fn"] = 1


def other_output(_: list[Json], tensors: list[Json]) -> None:
    tensors[0]["output_nr"] = 1


def other_value(_: list[Json], tensors: list[Json]) -> None:
    tensors[1]["value"] = [2.0000000000000004]


CHANGES = [
    rename, swap_edges, other_input, share, drop_none, split_leaf, lose_leaf, other_owner,
    other_output, other_value,
]  # fmt: skip


def test_ids_and_order_make_no_difference() -> None:
    assert canonical(*diamond()) == canonical(*reordered())


@pytest.mark.parametrize("change", CHANGES)
def test_everything_else_does(change: Callable[[list[Json], list[Json]], None]) -> None:
    functions, tensors = diamond()
    change(functions, tensors)

    assert canonical(functions, tensors) != canonical(*diamond())
