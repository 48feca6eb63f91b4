"""The program as code: as Python compiles a file, with a last bare expression kept apart."""

import __future__

import ast
import io
import linecache
from dataclasses import dataclass
from types import CodeType

FILENAME = "program.py"
COMPILE_ERRORS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


@dataclass(frozen=True, slots=True)
class Compiled:
    """`last` is the bare expression the program ends in, if it ends in one."""

    body: CodeType
    last: CodeType | None


def compile_program(source: str) -> Compiled:
    """The program's code; one of COMPILE_ERRORS when it is none."""
    remember_lines(source)
    # `str`, never bytes: a coding cookie must not change what the reader sees.
    tree: ast.Module = compile(source, FILENAME, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)  # type: ignore[assignment]
    last = None
    match tree.body:
        case [*statements, ast.Expr(value=value)]:
            tree.body, last = statements, ast.Expression(value)
    body = compile(tree, FILENAME, "exec", dont_inherit=True)
    if last is None:
        return Compiled(body, None)
    future = body.co_flags & _FUTURE
    return Compiled(body, compile(last, FILENAME, "eval", future, dont_inherit=True))


def remember_lines(source: str) -> None:
    """Let tracebacks, warnings and `inspect` find the reader's lines."""
    # Only \n, \r\n and \r end a line of Python; str.splitlines knows seven more.
    lines = io.StringIO(source, newline=None).readlines()
    linecache.cache[FILENAME] = (len(source), None, lines, FILENAME)


def line_of_code(line: int) -> str:
    """The reader's line `line` (from 1), without its indentation."""
    return linecache.getline(FILENAME, line).strip()
