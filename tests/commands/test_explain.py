"""`gradfn explain`: what is wrong in a script, for people and for tools."""

import json
import re
from pathlib import Path

import pytest

from tests.commands.scripts import GOOD, RAISES, SILENT, Gradfn, script


def test_a_script_without_mistakes_says_nothing(gradfn: Gradfn, tmp_path: Path) -> None:
    done = gradfn("explain", script(tmp_path, GOOD), folder=tmp_path)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "printed by the script\n"


def test_an_error_is_listed_as_a_compiler_would(gradfn: Gradfn, tmp_path: Path) -> None:
    done = gradfn("explain", script(tmp_path, RAISES), folder=tmp_path)

    first, line, caret, inside, why, fix = done.stdout.splitlines()
    assert done.returncode == 1
    assert first.startswith("script.py:9:5: error: RuntimeError: Trying to backward")
    assert first.endswith("[backward-twice]")
    assert line == "    9 |     twice((w * w).sum())"
    assert caret == "      |     ^"
    assert inside == "    in twice, line 5"
    assert why.startswith("    why: ")
    assert fix.startswith("    fix: ")


def test_a_silent_mistake_is_listed_too(new_gradfn: Gradfn, tmp_path: Path) -> None:
    done = new_gradfn("explain", script(tmp_path, SILENT), "--format", "json", folder=tmp_path)

    (found,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["id"] == "grad-accumulated"
    assert (found["severity"], found["file"], found["line"]) == ("warning", "script.py", 6)
    assert found["column"] == 5


def test_what_is_no_python_is_an_error_at_its_place(gradfn: Gradfn, tmp_path: Path) -> None:
    done = gradfn("explain", "-", folder=tmp_path, text="x = 1\ny = (x +\n")

    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:2:5: error: SyntaxError: '(' was never closed")


def test_colour_is_for_those_who_want_it(gradfn: Gradfn, tmp_path: Path) -> None:
    name = script(tmp_path, RAISES)

    plain = gradfn("explain", name, folder=tmp_path).stdout
    coloured = gradfn("explain", name, "--color", "always", folder=tmp_path).stdout

    assert "\x1b" not in plain
    assert "\x1b[1;31merror:" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@pytest.mark.parametrize("form", ["text", "github"])
def test_a_message_commands_neither_the_terminal_nor_the_workflow(
    gradfn: Gradfn, tmp_path: Path, form: str
) -> None:
    name = script(tmp_path, "raise ValueError('a\\x1b[2J%\\n::warning::b')")

    done = gradfn("explain", name, "--format", form, folder=tmp_path)

    assert done.returncode == 1
    assert "ValueError: a" in done.stdout
    if form == "text":
        assert "\x1b" not in done.stdout
    else:
        (line,) = done.stdout.splitlines()
        assert line.startswith("::error file=script.py,line=1,col=1,title=ValueError::")
        assert line.endswith("%25%0A::warning::b")


def test_sarif_has_a_rule_and_a_place_for_each_result(gradfn: Gradfn, tmp_path: Path) -> None:
    done = gradfn("explain", script(tmp_path, RAISES), "--format", "sarif", folder=tmp_path)

    sarif = json.loads(done.stdout)
    (run,) = sarif["runs"]
    assert sarif["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"] == [{"id": "backward-twice"}]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("backward-twice", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "script.py"
    assert place["region"] == {"startLine": 9, "startColumn": 5}
