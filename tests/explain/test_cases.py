"""The programs of `../shared/cases`: as plain PyTorch runs them, and explained as it is so.

`make cases` runs this; where the folder is not there, it is skipped.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Served
from tests.explain.cases import CASES, EXPECTED, Expected, Said
from tests.explain.plain import Ran
from tests.explain.provoked import cured
from tests.explain.provoked.table import said

Json = Any
PROGRAMS = sorted(CASES.glob("[0-9]*.py"))
pytestmark = pytest.mark.skipif(not PROGRAMS, reason=f"{CASES} is not there")
_ADDRESS = re.compile(r"0x[0-9a-f]+")


@pytest.fixture(scope="module")
def plain() -> dict[str, Ran]:
    """What plain PyTorch does with each of the programs."""
    paths = [str(each) for each in PROGRAMS if EXPECTED.get(each.stem[:2], Expected()).runs]
    command = [sys.executable, "-m", "tests.explain.plain", *paths]
    printed = subprocess.run(command, capture_output=True, check=True).stdout
    ran: dict[str, Ran] = json.loads(printed)
    return ran


@pytest.mark.timeout(400)  # the first one waits for all programs in plain PyTorch
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_case_runs_as_in_plain_pytorch_and_is_explained_as_it_is(
    path: Path, server: Served, plain: dict[str, Ran]
) -> None:
    code = path.read_text(encoding="utf-8")
    expected = EXPECTED.get(path.stem[:2], Expected())

    document = server.run(code, by_hand=True)

    if expected.runs:
        _is_the_same(document, plain[str(path)])
    told = said(document)
    for each in expected.said:
        _is_said(server, code, each, told)
    beside = {each["id"] for each in told} - {each.id for each in expected.said} - expected.also
    assert beside == set(), "said beside"
    if expected.agrees:
        assert all(each["agrees"] is not False for each in document["by_hand"])


def _is_the_same(document: Json, ran: Ran) -> None:
    assert document["stdout"] == ran["stdout"]
    error = document["error"] and f"{document['error']['type']}: {document['error']['message']}"
    assert _without_addresses(error) == _without_addresses(ran["error"])


def _without_addresses(error: str | None) -> str | None:
    return None if error is None else _ADDRESS.sub("", error)


def _is_said(server: Served, code: str, expected: Said, told: list[Json]) -> None:
    found = [each for each in told if each["id"] == expected.id]
    assert found, f"{expected.id} is not among {[each['id'] for each in told]}"
    each = found[0]
    if expected.line is not None:
        assert expected.line in code.split("\n")[each["line"] - 1]
    words = f"{each['title']} {each['why']} {each['fix']}"
    assert [word for word in expected.words if word not in words] == []
    assert [word for word in expected.never if word in words] == []
    if expected.right is not None:
        assert each["edits"]
        assert expected.right(server.run(cured(code, each["edits"])))
