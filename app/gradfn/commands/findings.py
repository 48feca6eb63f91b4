"""What a run says of its script, as a compiler would: a place, what is wrong there, and why."""

from dataclasses import dataclass
from typing import Literal

from gradfn.commands.script import Script
from gradfn.events.source import lines_of, normalised
from gradfn.model.document import Certainty, Diagnostic, Error, RunDocument

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One of them. `line` and `column` count from 1, and are null where there is no place.

    `certainty` is how sure it is that it is a mistake, null where that is not in question.
    `called` are the places inside the script that the line led to, outermost first.
    """

    file: str
    line: int | None
    column: int | None
    severity: Severity
    id: str
    title: str
    why: str
    fix: str
    called: tuple[tuple[int, str], ...] = ()
    certainty: Certainty | None = None


def findings_of(document: RunDocument, script: Script) -> list[Finding]:
    """The error first, then the rest by line."""
    lines = lines_of(normalised(script.text))
    found = [_of_diagnostic(each, script.name, lines) for each in document.diagnostics]
    found.sort(key=lambda each: each.line or 0)
    return [*([_of_error(document.error, script.name, lines)] if document.error else []), *found]


def _of_error(error: Error, file: str, lines: list[str]) -> Finding:
    known = error.explanation
    return Finding(
        file=file,
        line=error.line,
        column=error.column or _column(error.line, lines),
        severity="error",
        id=known.id if known else error.type,
        title=f"{error.type}: {error.message}" if error.message else error.type,
        why=known.why if known else "",
        fix=known.fix if known else "",
        called=tuple((frame.line, frame.function) for frame in error.traceback[1:]),
    )


def _of_diagnostic(each: Diagnostic, file: str, lines: list[str]) -> Finding:
    return Finding(
        file=file,
        line=each.line,
        column=_column(each.line, lines),
        severity=each.severity,
        id=each.id,
        title=each.title,
        why=each.why,
        fix=each.fix,
        certainty=each.certainty,
    )


def _column(line: int | None, lines: list[str]) -> int | None:
    """Where the line begins, after its indentation."""
    if line is None or not 1 <= line <= len(lines):
        return None
    text = lines[line - 1]
    return len(text) - len(text.lstrip()) + 1
