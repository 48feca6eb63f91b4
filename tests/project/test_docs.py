"""What the documents say can be done is done here; where they point, there is something."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import hatch_build
import pytest

from tests.conftest import Served
from tests.pace import patience

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
ADDRESS = "http://127.0.0.1:8000"
TRAIN = """\
import torch
net = torch.nn.Linear(2, 1)
loss = net(torch.ones(3, 2)).pow(2).mean()
loss.backward()
"""
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"`((?:app|tests|docs|static|templates|deploy)/[\w./-]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(*languages: str) -> list[object]:
    """The blocks of these languages, with the document and number of each."""
    return [
        pytest.param(text, id=f"{path.stem}-{number}")
        for path in DOCUMENTS
        for number, (language, text) in enumerate(FENCE.findall(path.read_text()))
        if language in languages
    ]


def ran(command: list[str], text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the command makes of a text on stdin; it must end well."""
    done = subprocess.run(
        command, input=text, cwd=folder, capture_output=True, text=True, timeout=patience(60)
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("text", blocks("sh"))
def test_a_command_is_one(text: str, server: Served, python: list[str], tmp_path: Path) -> None:
    for line in text.strip().splitlines():
        words = shlex.split(line)
        while "=" in words[0]:  # a variable set for this command
            words.pop(0)
        line = line.replace(ADDRESS, server.url)
        if words[0] == "gradfn":
            check_gradfn(line, python, tmp_path)
        else:
            CHECKED[words[0]](line, words, tmp_path)


def check_curl(line: str, words: list[str], folder: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("a machine without curl; the programs below ask the same")
    done = ran(["sh", "-s"], f"{line} --fail-with-body --silent --show-error", folder)
    if "-o" in words:
        assert (folder / words[words.index("-o") + 1]).stat().st_size > 100
    else:
        assert done.stdout.startswith(("{", "["))


def check_make(line: str, words: list[str], folder: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert next(word for word in words[1:] if "=" not in word) in targets


def check_docker(line: str, words: list[str], folder: Path) -> None:
    assert words[1] in ("compose", "build", "run")
    files = [words[at + 1] for at, word in enumerate(words) if word == "-f"]
    assert all((ROOT / file).is_file() for file in files or ["compose.yaml"])


def check_kubectl(line: str, words: list[str], folder: Path) -> None:
    assert (ROOT / words[words.index("-k") + 1] / "kustomization.yaml").is_file()


def check_gradfn(line: str, python: list[str], folder: Path) -> None:
    (folder / "train.py").write_text(TRAIN)
    ran(["sh", "-s"], f'gradfn() {{ {shlex.join(python)} -m gradfn "$@"; }}\n{line}', folder)


CHECKED = {
    "curl": check_curl,
    "make": check_make,
    "docker": check_docker,
    "kubectl": check_kubectl,
}


@pytest.mark.parametrize("text", blocks("python"))
def test_a_python_program_runs(text: str, server: Served, tmp_path: Path) -> None:
    printed = ran([sys.executable, "-"], text.replace(ADDRESS, server.url), tmp_path).stdout

    assert printed


@pytest.mark.parametrize("text", blocks("js"))
def test_a_javascript_program_runs(text: str, server: Served, tmp_path: Path) -> None:
    found = hatch_build.npm_on_path() or hatch_build.npm_of_wheel()
    assert found, "no Node: make check installs one"
    module = text.replace(ADDRESS, server.url)

    printed = ran([found[0], "--input-type=module", "-"], module, tmp_path).stdout

    assert "PowBackward0" in printed


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(FENCE.sub("", path.read_text())):
        if target.startswith("https://"):
            continue  # others' pages are theirs
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{path.name} points to {target}"
        assert not anchor or anchor in anchors(there), f"{path.name} points to {target}"


def anchors(path: Path) -> set[str]:
    """The names of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_file_that_is_named_is_there(path: Path) -> None:
    for name in NAMED.findall(path.read_text()):
        assert (ROOT / name).exists() or name.startswith("static/vendor"), name


def git(*arguments: str) -> list[str]:
    """The words that git prints about this checkout."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.split()


def test_a_commit_that_is_walked_through_touched_files_that_are_named() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    if git("rev-parse", "--is-shallow-repository") != ["false"]:
        pytest.skip("an archive or a shallow clone has no history")

    for commit in re.findall(r"(?i:commit) `([0-9a-f]{7})`", text):
        touched = git("show", "--format=", "--name-only", commit)
        assert touched, f"there is no commit {commit}"
        names = {Path(file).name for file in touched}
        assert names & {Path(file).name for file in NAMED.findall(text)}, commit
