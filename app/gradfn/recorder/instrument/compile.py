"""The program as code: as Python compiles a file, with a last bare expression kept apart."""

import __future__

import ast
import linecache
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import CodeType

from gradfn.events.source import lines_of
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.instrument.statements import instrument

FILENAME = "program.py"
Prepare = Callable[[ast.Module], None]
COMPILE_ERRORS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


@dataclass(frozen=True, slots=True)
class Compiled:
    """`last` is the bare expression the program ends in, if it ends in one.

    `sites` are the places that probes in the code speak of; without probes there are none.
    """

    body: CodeType
    last: CodeType | None
    sites: list[Site] = field(default_factory=list)


def compile_program(
    source: str, *, probed: bool = False, prepare: Prepare | None = None
) -> Compiled:
    """The program's code, on demand with probes in it; one of COMPILE_ERRORS when it is none.

    `prepare` may look at the program first, and change its numbers.
    """
    if probed:
        with warnings.catch_warnings(record=True) as warned:
            compiled = _probed(source, prepare)
        if compiled is not None:
            for warning in warned:
                warnings._showwarnmsg(warning)  # type: ignore[attr-defined]
            return compiled
    return _compile(source, prepare, probed=False)


def _probed(source: str, prepare: Prepare | None) -> Compiled | None:
    """None when it is no program, or too deep with probes: they nest it deeper than it was."""
    try:
        return _compile(source, prepare, probed=True)
    except COMPILE_ERRORS:
        return None


def _compile(source: str, prepare: Prepare | None, *, probed: bool) -> Compiled:
    remember_lines(source)
    # `str`, never bytes: a coding cookie must not change what the reader sees.
    tree: ast.Module = compile(source, FILENAME, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)  # type: ignore[assignment]
    if prepare is not None:
        prepare(tree)
    sites = instrument(tree) if probed else []
    last = None
    match tree.body:
        case [*statements, ast.Expr(value=value)]:
            tree.body, last = statements, ast.Expression(value)
    body = compile(tree, FILENAME, "exec", dont_inherit=True)
    if last is None:
        return Compiled(body, None, sites)
    future = body.co_flags & _FUTURE
    return Compiled(body, compile(last, FILENAME, "eval", future, dont_inherit=True), sites)


def remember_lines(source: str) -> None:
    """Let tracebacks, warnings and `inspect` find the reader's lines."""
    lines = [f"{line}\n" for line in lines_of(source)]
    linecache.cache[FILENAME] = (len(source), None, lines, FILENAME)


def line_of_code(line: int) -> str:
    """The reader's line `line` (from 1), without its indentation."""
    return linecache.getline(FILENAME, line).strip()
