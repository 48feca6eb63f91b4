"""docs/security.md speaks of tests, attacks and files that there are."""

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "docs/security.md").read_text()


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


def test_every_test_it_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)

    assert len(named) >= 35
    assert [each for each in named if each[1] not in names_in(PROJECT / each[0])] == []


def test_every_file_it_names_is_there() -> None:
    named = re.findall(r"`((?:app|tests|deploy|docs)/[\w./]+|compose\.yaml)`", TEXT)

    assert len(named) >= 15
    assert [each for each in named if not (PROJECT / each).exists()] == []


def test_every_layer_of_a_table_names_what_shows_it() -> None:
    rows = [line.split("|") for line in TEXT.splitlines() if line.startswith("| ")]
    layers = [row for row in rows if row[1].strip() != "layer"]

    assert len(layers) >= 20
    assert [row[1] for row in layers if "`tests/" not in row[3]] == []


def test_it_counts_the_attacks_right() -> None:
    attacks = [*(PROJECT / "tests/jail/hostile").glob("*.py")]

    assert f"holds {len(attacks)} programs" in TEXT


def test_readme_and_architecture_lead_to_it() -> None:
    assert "(docs/security.md)" in (PROJECT / "README.md").read_text()
    assert "(security.md)" in (PROJECT / "docs/architecture.md").read_text()
