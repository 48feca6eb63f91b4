"""The graph that is told is PyTorch's: node for node, edge for edge, number for number."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gradfn.examples import EXAMPLES
from tests.conftest import Served
from tests.recorder.sameness import Canonical, canonical

HERE = Path(__file__).parent
ALIKE = 1e-9  # sums may be taken in any order
SEED = 1

Json = Any


@dataclass(frozen=True)
class Case:
    """A program; what its first lines say of it."""

    title: str
    code: str

    @property
    def not_shown(self) -> set[str]:
        """The tensors whose value must be named as not shown."""
        return set(self._header("not shown").split(", ")) - {""}

    @property
    def cure(self) -> str:
        return self._header("cure")

    @property
    def options(self) -> dict[str, Any]:
        return json.loads(self._header("options") or "{}")  # type: ignore[no-any-return]

    def _header(self, name: str) -> str:
        found = re.search(rf"^# {name}: (.*)$", self.code, re.MULTILINE)
        return found[1] if found else ""


PROGRAMS = [
    Case(path.stem, path.read_text("utf-8")) for path in sorted((HERE / "programs").glob("*.py"))
]
# Their 11 and 26 million parameters, each with a gradient, are more elements than are summarised in
# one run, and the oracle takes minutes over them. tests/folding/test_known_models.py runs them.
TOO_LARGE = {"resnet-18", "resnet-50"}
CASES = PROGRAMS + [
    Case(f"example: {example.slug}", example.code)
    for example in EXAMPLES
    if example.slug not in TOO_LARGE
]


@dataclass(frozen=True)
class ChildEvent:
    """The product's document beside what the oracle found."""

    document: Json
    oracle: Json


@pytest.fixture(scope="module")
def told(server: Served) -> dict[str, ChildEvent]:
    """Every program run once by the product and once by plain PyTorch."""
    documents = {case.title: server.run(case.code, seed=SEED, **case.options) for case in CASES}
    requests = {
        case.title: {
            "code": case.code,
            "cure": case.cure,
            "not_shown": sorted(case.not_shown),
            "seed": SEED,
            "max_values": case.options.get("max_values", 256),
            "names": [
                name
                for tensor in documents[case.title]["graph"]["tensors"]
                for name in tensor["names"]
            ],
        }
        for case in CASES
    }
    plain = subprocess.run(
        [sys.executable, "-P", HERE / "oracle.py"],
        input=json.dumps(requests),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(plain.stdout)
    return {case.title: ChildEvent(documents[case.title], found[case.title]) for case in CASES}


@pytest.fixture(params=CASES, ids=lambda case: case.title)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_the_graph_is_pytorchs(case: Case, told: dict[str, ChildEvent]) -> None:
    document, oracle = told[case.title].document, told[case.title].oracle
    assert "failed" not in oracle, oracle["failed"]

    ours, theirs = graph_told(document), graph_found(oracle)

    assert ours.functions == theirs.functions
    assert ours.edges == theirs.edges
    assert ours.tensors == theirs.tensors


def test_summaries_are_pytorchs(case: Case, told: dict[str, ChildEvent]) -> None:
    def numbers(tensors: list[Json]) -> dict[tuple[str, ...], Json]:
        return {
            (*each["names"], kind, field): number
            for each in tensors
            if each["names"]
            for kind in ("value", "grad")
            if each.get(kind) and each[kind]["summary"]
            for field, number in each[kind]["summary"].items()
        }

    ours = numbers(told[case.title].document["graph"]["tensors"])
    theirs = numbers(named(told[case.title].oracle))

    assert ours.keys() == theirs.keys()
    for key, number in theirs.items():
        assert ours[key] == (number and pytest.approx(number, rel=ALIKE, abs=1e-15)), key


def test_the_program_ends_and_prints_as_in_plain_python(
    case: Case, told: dict[str, ChildEvent]
) -> None:
    document, oracle = told[case.title].document, told[case.title].oracle

    assert (document["error"] or {}).get("type") == oracle["raised"]
    assert document["stdout"] == oracle["stdout"]
    if not document["error"]:  # else the traceback is there
        assert document["stderr"] == oracle["stderr"]


def test_what_cannot_be_shown_is_named(case: Case, told: dict[str, ChildEvent]) -> None:
    noted = {
        tensor["names"][0]: tensor["note"]
        for tensor in told[case.title].document["graph"]["tensors"]
        if tensor["note"] and tensor["alive"]
    }

    assert set(noted) == case.not_shown, noted


def test_every_module_level_name_is_a_variable(case: Case, told: dict[str, ChildEvent]) -> None:
    document, oracle = told[case.title].document, told[case.title].oracle
    variables = {each["name"]: each for each in document["variables"]}
    names = {name: each["id"] for each in document["graph"]["tensors"] for name in each["names"]}

    assert list(variables) == oracle["variables"][: len(variables)]
    assert len(variables) == min(len(oracle["variables"]), 1_000)
    assert set(oracle["top"]) <= set(names)
    for name in set(oracle["top"]) & set(variables):
        assert variables[name]["kind"] == "tensor"
        assert variables[name]["tensor"] == names[name]


def graph_told(document: Json) -> Canonical:
    """The graph, rebuilt from the document alone."""
    tensors, functions = document["graph"]["tensors"], document["graph"]["functions"]
    place = {each["id"]: position for position, each in enumerate(tensors)}
    index = {each["id"]: position for position, each in enumerate(functions)}
    for function in functions:
        for output in function["outputs"]:
            assert tensors[place[output]]["grad_fn"] == function["id"]
    alive = [each for each in tensors if each["alive"]]  # the oracle knows no others
    return canonical(
        [
            {
                "name": each["name"],
                "next": [
                    edge and [index[edge["function"]], edge["input_nr"]]
                    for edge in each["next_functions"]
                ],
                "variable": place.get(each["variable"]),
            }
            for each in functions
        ],
        [
            comparable(each, index.get(each["grad_fn"])) if not each["note"] else {"names": names}
            for each in alive
            for names in [sorted(each["names"])]
        ],
    )


def graph_found(oracle: Json) -> Canonical:
    tensors = [
        comparable(each, each["grad_fn"]) if "is_leaf" in each else each for each in named(oracle)
    ]
    return canonical(oracle["functions"], tensors)


def named(oracle: Json) -> list[Json]:
    """The oracle's tensors with the names that led to them."""
    tensors: list[Json] = [{**(each or {}), "names": []} for each in oracle["tensors"]]
    for name, position in oracle["names"].items():
        tensors[position]["names"].append(name)
    for each in tensors:
        each["names"].sort()
    return tensors


def comparable(tensor: Json, grad_fn: int | None) -> Json:
    """The facts of a tensor that must be equal, in one order; summaries are compared apart."""
    facts = "role is_leaf requires_grad retains_grad output_nr version".split()
    values = {
        kind: value and {**{key: value[key] for key in ("shape", "dtype", "data")}}
        for kind in ("value", "grad")
        for value in [tensor[kind]]
    }
    return {
        "names": sorted(tensor["names"]),
        "grad_fn": grad_fn,
        **{fact: tensor[fact] for fact in facts},
        **values,
    }


@pytest.fixture(scope="module")
def states() -> dict[bool, Json]:
    """What is left of every program that keeps torch whole, with our reading and without."""
    programs = {case.title: case.code for case in PROGRAMS if not case.cure}

    def run(reading: bool) -> Json:
        script = subprocess.run(
            [sys.executable, "-m", "tests.recorder.unchanged"],
            input=json.dumps({"read": reading, "programs": programs}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=HERE.parents[1],
        )
        return json.loads(script.stdout)

    return {reading: run(reading) for reading in (True, False)}


@pytest.mark.parametrize("title", [case.title for case in PROGRAMS if not case.cure])
def test_reading_changes_nothing(title: str, states: dict[bool, Json]) -> None:
    """No version, random number, grad or mode; no buffer freed, no hook called, no word printed."""
    assert states[False][title] != "died"
    assert states[True][title] == states[False][title]


def test_a_function_has_pytorchs_sequence_number_and_an_accumulate_grad_none(
    server: Served,
) -> None:
    code = """
import torch
w = torch.ones(2, requires_grad=True)
y = (w * 2).sin()
print(y.grad_fn._sequence_nr(), y.grad_fn.next_functions[0][0]._sequence_nr())
"""
    document = server.run(code)

    sine, product, accumulate = document["graph"]["functions"]
    printed = [int(number) for number in document["stdout"].split()]
    assert [sine["sequence_nr"], product["sequence_nr"]] == printed
    assert accumulate["sequence_nr"] is None
