"""`gradfn graph`: a script's graph in a file or on standard output, and what a script may do."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.commands.scripts import GOOD, RAISES, Gradfn, script

SVG = "{http://www.w3.org/2000/svg}"


def test_the_ending_of_the_file_says_the_format(new_gradfn: Gradfn, tmp_path: Path) -> None:
    name = script(tmp_path, GOOD)

    done = new_gradfn("graph", name, "-o", "out.svg", folder=tmp_path)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "printed by the script\n"
    root = ElementTree.fromstring((tmp_path / "out.svg").read_bytes())
    assert root.tag == f"{SVG}svg"
    texts = "".join(root.itertext())
    assert {"w", "loss", "SumBackward0", "MulBackward0", "AccumulateGrad"} <= set(texts.split())


def test_the_document_is_written_to_standard_output_alone(gradfn: Gradfn, tmp_path: Path) -> None:
    done = gradfn("graph", "-", "--format", "json", folder=tmp_path, text=GOOD)

    document = json.loads(done.stdout)
    assert done.returncode == 0
    assert document["schema"] == "gradfn/run/1"
    by_name = {name: each for each in document["graph"]["tensors"] for name in each["names"]}
    assert by_name["w"]["grad"]["data"] == [2.0, 4.0]
    assert len(document["backward"]) == 1


def test_only_the_graph_of_the_roots_asked_for_is_drawn(gradfn: Gradfn, tmp_path: Path) -> None:
    name = script(tmp_path, GOOD + "other = w.exp()\n")

    asked = gradfn("graph", name, "--format", "dot", "--roots", "other", folder=tmp_path)
    wrong = gradfn("graph", name, "--format", "dot", "--roots", "none", folder=tmp_path)

    assert "ExpBackward0" in asked.stdout
    assert "SumBackward0" not in asked.stdout
    assert asked.returncode == 0
    assert wrong.returncode == 1
    assert "no tensor has this name" in wrong.stderr


def test_a_script_that_raises_is_drawn_as_far_as_it_got(gradfn: Gradfn, tmp_path: Path) -> None:
    name = script(tmp_path, RAISES)

    done = gradfn("graph", name, "-o", "out.dot", folder=tmp_path)

    assert done.returncode == 1
    assert "script.py:9:5: error: RuntimeError" in done.stderr
    assert "in twice, line 5" in done.stderr
    assert "RuntimeError, line 9" in (tmp_path / "out.dot").read_text()


def test_a_script_has_its_own_file_arguments_and_neighbours(gradfn: Gradfn, tmp_path: Path) -> None:
    folder = tmp_path / "below"
    folder.mkdir()
    (folder / "neighbour.py").write_text("VALUE = 3\n")
    script(
        folder,
        "import sys, pickle, neighbour\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Point:\n    x: 'int'\n"
        "if __name__ == '__main__':\n"
        "    point = pickle.loads(pickle.dumps(Point(neighbour.VALUE)))\n"
        "    print(__file__, sys.argv, point)\n",
    )

    done = gradfn("graph", "below/script.py", "--format", "dot", "--", "--lr", "1", folder=tmp_path)

    path = folder / "script.py"
    assert done.stderr == f"{path} ['below/script.py', '--lr', '1'] Point(x=3)\n"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys\nsys.exit(7)", ""),
        ("import os\nos.chdir('/')", ""),
        ("import sys\nsys.stdout.close()", ""),
        ("import os\nif os.fork() == 0:\n    print('child', flush=True)\nelse:\n    os.wait()",
         "child\n"),
        ("print(input())", "a line\n"),
    ],
    ids=["exits", "changes folder", "closes stdout", "forks", "reads stdin"],
)  # fmt: skip
def test_whatever_the_script_does_its_graph_is_written_once(
    gradfn: Gradfn, tmp_path: Path, code: str, said: str
) -> None:
    code = "import torch\nw = torch.ones(1, requires_grad=True)\nloss = w.exp()\n" + code
    name = script(tmp_path, code)

    shown = gradfn("graph", name, "--format", "dot", folder=tmp_path, text="a line\n")
    filed = gradfn("graph", name, "-o", "out.dot", folder=tmp_path, text="a line\n")

    assert (shown.returncode, shown.stderr) == (0, said)
    assert shown.stdout.count("digraph") == 1
    assert shown.stdout.count("ExpBackward0") > 0
    assert (tmp_path / "out.dot").read_text() == shown.stdout
    assert filed.stdout == ""


def test_a_script_that_is_read_from_standard_input_finds_it_at_its_end(
    gradfn: Gradfn, tmp_path: Path
) -> None:
    done = gradfn("graph", "-", "--format", "dot", folder=tmp_path, text="x = 1\ninput()\n")

    assert done.returncode == 1
    assert "<stdin>:2:1: error: EOFError" in done.stderr


def test_a_keyboard_interrupt_ends_the_command(gradfn: Gradfn, tmp_path: Path) -> None:
    # In the background of a shell SIGINT is ignored, and so it is by what is started there.
    heard = "import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    name = script(tmp_path, f"{heard}os.kill(os.getpid(), signal.SIGINT)\n")

    done = gradfn("graph", name, folder=tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "gradfn: interrupted\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nothing.py"], "cannot read nothing.py: No such file or directory"),
        (["."], "cannot read .: Is a directory"),
        (["/dev/zero"], "is longer than 10 MiB"),
        (["binary.py"], "binary.py is not Python: "),
        (["script.py", "-o", "out.jpg"], "none of the endings dot, html, json, pdf, png, svg"),
        (["script.py", "-o", "none/out.svg"], "there is no folder"),
        (["script.py", "-o", "folder.svg"], "it is a folder"),
    ],
)
def test_what_cannot_be_done_is_said_before_the_script_runs(
    gradfn: Gradfn, tmp_path: Path, words: list[str], why: str
) -> None:
    script(tmp_path, "print('ran')")
    (tmp_path / "binary.py").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    (tmp_path / "folder.svg").mkdir()

    done = gradfn("graph", *words, folder=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gradfn: ")
    assert why in done.stderr
    assert "ran" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_needs_neither_torch_nor_a_server(new_gradfn: Gradfn, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemError")
    (tmp_path / "fastapi.py").write_text("raise SystemError")

    done = new_gradfn("graph", "--help", folder=tmp_path)

    assert done.returncode == 0
    assert "--roots" in done.stdout


def test_pdf_has_the_picture_and_its_text(gradfn: Gradfn, tmp_path: Path) -> None:
    done = gradfn("graph", script(tmp_path, GOOD), "-o", "out.pdf", folder=tmp_path)

    content = (tmp_path / "out.pdf").read_bytes()
    assert done.returncode == 0, done.stderr
    assert content.startswith(b"%PDF-")
    assert b"/MediaBox" in content


def test_what_lies_between_two_tensors_is_drawn_with_its_fold_open(
    gradfn: Gradfn, tmp_path: Path
) -> None:
    text = f"{GOOD}other = torch.nn.Sigmoid()(w.exp())\nlast = (loss + other.sum()).tanh()\n"
    name = script(tmp_path, text)
    words = ["graph", name, "--format", "dot", "--paths", "w", "other", "--open"]

    between = gradfn(*words, "*", folder=tmp_path)
    missing = gradfn(*words, "none", folder=tmp_path)

    assert between.returncode == 0, between.stderr
    assert "ExpBackward0" in between.stdout
    assert "SigmoidBackward0" in between.stdout
    assert "TanhBackward0" not in between.stdout
    assert (missing.returncode, missing.stderr.splitlines()[-1]) == (
        2,
        "gradfn: There is no fold called 'none'.",
    )


def test_a_jailed_script_cannot_read_what_its_user_can(gradfn: Gradfn, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("private")
    reads = f"{GOOD}print(open({str(tmp_path / 'secret')!r}).read())\n"
    name = script(tmp_path, reads)

    free = gradfn("explain", name, folder=tmp_path)
    jailed = gradfn("explain", "--jailed", name, folder=tmp_path)
    drawn = gradfn("graph", "--jailed", script(tmp_path, GOOD), "-o", "out.dot", folder=tmp_path)
    refused = gradfn("graph", "--jailed", name, "--", "1", folder=tmp_path)

    assert free.returncode == 0
    assert "private" in free.stderr
    assert "private" not in jailed.stderr + jailed.stdout
    assert jailed.returncode == 1
    assert "script.py:6" in jailed.stdout
    assert drawn.returncode == 0
    assert "SumBackward0" in (tmp_path / "out.dot").read_text()
    assert refused.returncode == 2
    assert "no arguments" in refused.stderr
