"""Findings as text for people and for tools."""

import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from gradfn import __version__
from gradfn.commands.findings import Finding
from gradfn.commands.script import Script
from gradfn.events.source import lines_of, normalised

Report = Callable[[Sequence[Finding], Script, bool], str]

MAX_SHOWN_CALLS = 10
_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_SARIF_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_GITHUB_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def as_text(findings: Sequence[Finding], script: Script, colour: bool) -> str:
    """As a compiler writes them: `file:line:column: severity: title [id, certainty]`, why, fix."""
    lines = lines_of(normalised(script.text))
    return "".join(f"{row}\n" for each in findings for row in _rows(each, lines, colour))


def _rows(each: Finding, lines: Sequence[str], colour: bool) -> list[str]:
    def painted(style: str, text: str) -> str:
        return f"{style}{text}{_PLAIN}" if colour else text

    title, *more = visible(each.title).split("\n")
    severity = painted(_COLOURS[each.severity], f"{each.severity}:")
    place = painted(_BOLD, f"{visible(_place(each))}:")
    known = each.id if each.certainty is None else f"{each.id}, {each.certainty}"
    rows = [f"{place} {severity} {title} {painted(_DIM, f'[{known}]')}"]
    rows += [f"    {line}" for line in more]
    if each.line is not None and each.column is not None:
        text = visible(lines[each.line - 1]) if each.line <= len(lines) else ""
        number = f"{each.line:5d} | "
        caret = " " * (each.column - 1) + painted(_COLOURS[each.severity], "^")
        rows += [f"{number}{text}", f"{'| ':>{len(number)}}{caret}"]
    for line, function in each.called[:MAX_SHOWN_CALLS]:
        rows.append(f"    in {visible(function)}, line {line}")
    if len(each.called) > MAX_SHOWN_CALLS:
        rows.append(f"    and {len(each.called) - MAX_SHOWN_CALLS} more calls")
    for head, text in (("why", each.why), ("fix", each.fix)):
        if text:
            indented = visible(text).replace("\n", "\n         ")
            rows.append(f"    {head}: {indented}")
    return rows


def as_json(findings: Sequence[Finding], script: Script, colour: bool) -> str:
    """A list of objects with the fields of a `Finding`."""
    return json.dumps([asdict(each) for each in findings], indent=2) + "\n"


def as_github(findings: Sequence[Finding], script: Script, colour: bool) -> str:
    """Workflow commands, which GitHub shows at the line of a pull request."""
    return "".join(f"{_github(each)}\n" for each in findings)


def _github(each: Finding) -> str:
    given = {"file": each.file, "line": each.line, "col": each.column, "title": each.id}
    properties = ",".join(
        f"{name}={_escaped(str(value), ':,')}" for name, value in given.items() if value is not None
    )
    text = "\n".join(filter(None, (each.title, each.why, each.fix)))
    return f"::{_GITHUB_COMMANDS[each.severity]} {properties}::{_escaped(text)}"


def _escaped(text: str, also: str = "") -> str:
    return "".join(f"%{ord(each):02X}" if each in "%\r\n" + also else each for each in text)


def as_sarif(findings: Sequence[Finding], script: Script, colour: bool) -> str:
    """SARIF 2.1.0, which code scanning services take."""
    rules = [{"id": id} for id in dict.fromkeys(each.id for each in findings)]
    driver = {"name": "gradfn", "version": __version__, "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_result(each) for each in findings]}
    return json.dumps({"version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _result(each: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": each.file.replace("\\", "/")}}
    if each.line is not None:
        region = {"startLine": each.line, "startColumn": each.column}
        place["region"] = {name: value for name, value in region.items() if value is not None}
    return {
        "ruleId": each.id,
        "level": _SARIF_LEVELS[each.severity],
        "message": {"text": "\n".join(filter(None, (each.title, each.why, each.fix)))},
        "locations": [{"physicalLocation": place}],
    }


def _place(each: Finding) -> str:
    return ":".join(str(part) for part in (each.file, each.line, each.column) if part is not None)


def visible(text: str) -> str:
    """The text without what would command a terminal: tabs are spaces, controls are gone."""
    return "".join(
        each
        for each in text.replace("\t", " ")
        if each == "\n" or unicodedata.category(each)[0] != "C"
    )


REPORTS: dict[str, Report] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
