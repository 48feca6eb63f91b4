"""What PyTorch says is recognised, the line to blame is named, and the edit cures it."""

import ast
import re
import time
from pathlib import Path

import pytest

from gradfn.explain.advice.lints import lost_history
from gradfn.explain.advice.messages import MESSAGES as KNOWN
from tests.conftest import Served
from tests.explain.provoked import Provoked
from tests.explain.provoked.clean import CLEAN
from tests.explain.provoked.lints import LINTS
from tests.explain.provoked.meant import HEAD as MEANT_HEAD
from tests.explain.provoked.meant import MEANT
from tests.explain.provoked.messages import MESSAGES
from tests.explain.provoked.table import PAGE, RunOnce, is_cured, page, said, told_of
from tests.explain.provoked.variants import HEAD, VARIANTS
from tests.recorder.recorded.programs import LEAVES
from tests.recorder.recorded.programs import PROGRAMS as RECORDED

CASES = [
    pytest.param(id, each, id=f"{id}-{nr}")
    for id, programs in MESSAGES.items()
    for nr, each in enumerate(programs)
] + [
    pytest.param(id, Provoked(HEAD + each.code, each.cured), id=f"{id}-variant-{nr}")
    for nr, (id, each) in enumerate(VARIANTS)
]
SILENT = CLEAN | {name: MEANT_HEAD + code for name, code in MEANT.items()}


@pytest.fixture(scope="module")
def once(server: Served) -> RunOnce:
    """The table of the docs looks at what the other tests have run."""
    return RunOnce(server)


def test_every_text_that_is_explained_is_provoked() -> None:
    assert {each.id for each in KNOWN} == set(MESSAGES)


@pytest.mark.parametrize("text", ["x", "x.", "1 ", "1, ", "[", "'", "\n", "The ", "x()", "[1, 1] "])
def test_no_text_takes_longer_than_its_length(text: str) -> None:
    """Quadratic in 40,000 characters would be a minute of CPU; in a line with them it is 20 ms."""
    text = text * (40_000 // len(text))
    started = time.process_time()

    for message in KNOWN:
        re.search(message.pattern, text)

    assert time.process_time() - started < 2


def test_every_mistake_that_is_seen_is_provoked() -> None:
    written = {cut[0] for cut in lost_history._WORDS.values()}
    for path in Path(lost_history.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Diagnostic":
                written |= {
                    each.value
                    for each in ast.walk(node.args[0])
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }

    assert written == set(LINTS)


@pytest.mark.parametrize(("id", "provoked"), CASES)
def test_a_text_is_recognised_with_the_line_to_blame_and_an_edit_that_cures_it(
    id: str, provoked: Provoked, once: RunOnce
) -> None:
    told = told_of(once, id, provoked)

    assert told is not None
    assert told["title"]
    assert told["why"]
    assert told["fix"]
    if provoked.line is not None:
        assert told["line"] == provoked.line
    assert bool(told["edits"]) == provoked.cured
    assert not told["edits"] or is_cured(once, provoked, told)


def test_the_table_in_the_docs_is_what_was_just_provoked(once: RunOnce) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(once)


MISTAKES = [
    pytest.param(id, each, id=f"{id}-{nr}")
    for id, programs in LINTS.items()
    for nr, each in enumerate(programs)
]
PROGRAMS = Path(__file__).parents[1] / "recorder/programs"
# What these programs are about, or what PyTorch says of them in words that we leave as they are.
ALLOWED = {
    "attention": {"warning"},
    "complex_numbers": {"warning"},
    "fake_tensors": {"warning"},
    "freed_twice": {"backward-twice"},
    "many_names": {"variables-truncated"},
    "not_finite": {"not-finite-in-forward"},
    "raised_half_way": {"vector-shapes"},
    "sparse": {"warning"},
    "too_many_dimensions": {"warning"},
    "warns": {"non-leaf-grad", "tensor-of-tensor"},
}


@pytest.mark.parametrize(("id", "provoked"), MISTAKES)
def test_a_mistake_is_seen_at_its_line_and_its_edit_cures_it(
    id: str, provoked: Provoked, once: RunOnce
) -> None:
    told = told_of(once, id, provoked)

    assert told is not None
    if provoked.line is not None:
        assert told["line"] == provoked.line
    assert bool(told["edits"]) == provoked.cured
    assert not told["edits"] or is_cured(once, provoked, told)


@pytest.mark.parametrize("name", SILENT)
def test_nothing_is_said_of_a_program_that_makes_no_mistake(name: str, server: Served) -> None:
    document = server.run(SILENT[name])

    assert document["error"] is None
    assert said(document) == []


@pytest.mark.parametrize("name", RECORDED)
def test_nothing_is_said_of_the_programs_of_the_recorder(name: str, server: Served) -> None:
    assert said(server.run(LEAVES + RECORDED[name])) == []
    assert (
        said(server.run(f"{LEAVES}{RECORDED[name]}\nif loss.numel() == 1: loss.backward()")) == []
    )


@pytest.mark.parametrize("path", sorted(PROGRAMS.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_said_of_the_programs_of_the_walk(path: Path, server: Served) -> None:
    ids = {each["id"] for each in said(server.run(path.read_text(encoding="utf-8")))}

    assert ids <= ALLOWED.get(path.stem, set())
