"""What a child told, folded into the run document: no index of it is believed."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any, get_type_hints

import msgspec

from gradfn.events.recorded import Recorded
from gradfn.model.fold import document_of
from tests.run.test_wire import RECORDED, RECORDS

FAR = 2**31
INDEX = "index_of"  # as `gradfn.events.recorded` annotates one


def with_indices(value: Any, index: int) -> Any:
    """The same record, but each index in it is this one."""
    if isinstance(value, list):
        return [with_indices(each, index) for each in value]
    if not isinstance(value, msgspec.Struct):
        return value
    hints = get_type_hints(type(value), include_extras=True)
    changed: dict[str, Any] = {}
    for name in value.__struct_fields__:
        before, hint = getattr(value, name), str(hints[name])
        if type(before) is int and INDEX in hint:
            changed[name] = index
        elif isinstance(before, list) and before and type(before[0]) is int and INDEX in hint:
            changed[name] = [index]
        else:
            changed[name] = with_indices(before, index)
    return type(value)(**changed)


def ids_in(value: Any) -> Iterator[str]:
    """Every text that is an id of a tensor or a function."""
    if isinstance(value, dict):
        for each in value.values():
            yield from ids_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from ids_in(each)
    elif isinstance(value, str) and re.fullmatch(r"[tf]\d+", value):
        yield value


def folded(recorded: Recorded) -> dict[str, Any]:
    graph = [each for each in RECORDS if type(each).__name__ in ("GraphWalked", "TensorsRead")]
    return dataclasses.asdict(document_of([*graph, recorded], steps=True))


def test_indices_of_what_is_there_become_its_ids() -> None:
    document = folded(with_indices(RECORDED, 0))

    [operand, _] = document["graph"]["functions"][0]["inputs"]
    assert operand["tensor"] == "t1"
    assert document["backward"][0]["roots"] == ("t1",)
    assert document["backward"][0]["functions"][0]["function"] == "f1"


def test_no_index_of_what_is_not_there_becomes_an_id() -> None:
    forged = with_indices(RECORDED, FAR)
    # The one index that must be right, for the rest of its record to be looked at.
    [function] = forged.functions
    forged = msgspec.structs.replace(
        forged, functions=[msgspec.structs.replace(function, function=0)]
    )

    document = folded(forged)

    graph = document["graph"]
    there = {each["id"] for each in (*graph["tensors"], *graph["functions"])}
    assert len(document["backward"]) == len(document["steps"]) == 1
    assert set(ids_in(document)) <= there
