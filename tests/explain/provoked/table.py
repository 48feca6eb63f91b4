"""`docs/explanations.md`: every text and every mistake that we explain, provoked just now.

`python -m tests.explain.provoked.table` writes it anew.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from gradfn.explain.advice.messages import MESSAGES as KNOWN
from tests.conftest import Served, serving
from tests.explain.provoked import Provoked, cured
from tests.explain.provoked.clean import CLEAN
from tests.explain.provoked.lints import LINTS
from tests.explain.provoked.meant import MEANT
from tests.explain.provoked.messages import MESSAGES

Json = Any
PAGE = Path(__file__).parents[3] / "docs" / "explanations.md"
HEAD = """\
# What is explained

Made by `python -m tests.explain.provoked.table`, which provokes each on PyTorch 2.13.
A test fails when it is out of date.
An *edit* is a change to the program that cures it, applied by one click in the page.
Where the table says *cured*, the changed program was run and nothing was said of it any more.
"""


def said(document: Json) -> list[Json]:
    """The explanations and notes of a run, the error's first."""
    explained = document["error"] and document["error"]["explanation"]
    return [*([explained] if explained else []), *document["diagnostics"]]


class Runs(Protocol):
    """What runs programs: a server, or one that keeps the documents."""

    def run(self, code: str) -> Json:
        """The run document of a program."""


class RunOnce:
    """A server that runs a program once, however often it is asked for."""

    def __init__(self, server: Served) -> None:
        self._server = server
        self._documents: dict[str, Json] = {}

    def run(self, code: str) -> Json:
        """The run document of a program."""
        if code not in self._documents:
            self._documents[code] = self._server.run(code)
        return self._documents[code]


def told_of(server: Runs, id: str, provoked: Provoked) -> Json | None:
    """What a provoking program is told under this id; None when it is not recognised."""
    return next((each for each in said(server.run(provoked.code)) if each["id"] == id), None)


def is_cured(server: Runs, provoked: Provoked, told: Json) -> bool:
    """Whether the program with the edits runs, and nothing is said of it any more."""
    document = server.run(cured(provoked.code, told["edits"]))
    steps = [each for each in document["training"] if each["kind"] == "optimizer_step"]
    changed = {each["name"] for step in steps[-1:] for each in step["changed"] if _has_moved(each)}
    return document["error"] is None and not said(document) and set(provoked.trains) <= changed


def _has_moved(change: Json) -> bool:
    return bool(change["before"] != change["after"])


def row(server: Runs, id: str, programs: Iterable[Provoked], text: str) -> str:
    """A row of a table: the id, what it is about, whether it is recognised, its edit."""
    tolds = [(each, told_of(server, id, each)) for each in programs]
    recognised = all(told is not None for _, told in tolds)
    edits = [(each, told) for each, told in tolds if told is not None and told["edits"]]
    healed = bool(edits) and all(is_cured(server, each, told) for each, told in edits)
    edit = "cured" if healed else "not cured" if edits else "in words"
    return f"| `{id}` | {text} | {'yes' if recognised else 'NO'} | {len(tolds)} | {edit} |"


def page(server: Runs) -> str:
    """The whole page."""
    patterns = {each.id: each.title for each in KNOWN}
    lines = [HEAD, "## Errors and warnings of PyTorch", "", *_head("what it says of it")]
    lines += [row(server, id, made, patterns[id]) for id, made in MESSAGES.items()]
    lines += ["", "## Mistakes that PyTorch does not report", "", *_head("the mistake")]
    for id, made in LINTS.items():
        told = told_of(server, id, made[0])
        lines.append(row(server, id, made, told["title"] if told else ""))
    lines += [
        "",
        f"{len(CLEAN)} programs in the manner of tutorials, which must not be warned of, and "
        f"{len(MEANT)} that only look like a mistake are silent,",
    ]
    lines += ["as are the programs of the menu but for the note they are about.", ""]
    return "\n".join(lines)


def _head(about: str) -> list[str]:
    return [f"| id | {about} | recognised | programs | edit |", "|---|---|---|---|---|"]


if __name__ == "__main__":
    with serving() as server:
        PAGE.write_text(page(server), encoding="utf-8")
