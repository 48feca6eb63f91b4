"""However a program ends its lines, it is explained, with an edit at the line that Python means."""

import ast

import pytest

from gradfn.events.source import normalised
from gradfn.explain.advice.source import Source
from gradfn.explain.document import explained
from gradfn.model.document import Error, RunDocument
from tests.explain.provoked import cured

LINES = ["import torch", "x = torch.ones(2, requires_grad=True)", "# between", "(x * 2).backward()"]
PROGRAM = "\n".join(LINES)
TEXTS = {
    "plain": PROGRAM,
    "a byte order mark": "\ufeff" + PROGRAM,
    "carriage return and line feed": "\r\n".join(LINES),
    "a lone carriage return": "\r".join(LINES),
    "all three line ends": f"{LINES[0]}\r\n{LINES[1]}\r{LINES[2]}\n{LINES[3]}",
    "a form feed": PROGRAM.replace("# between", "# bet\fween"),
    "a form feed before a statement": PROGRAM.replace("# between", "\f"),
    "a line separator": PROGRAM.replace("# between", "# bet\u2028ween"),
    "a line separator in a text": PROGRAM.replace("# between", "s = '\u2028\x85\x1c'"),
    "a vertical tab in a text": PROGRAM.replace("# between", "s = '\v'"),
}
MESSAGE = "grad can be implicitly created only for scalar outputs"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_error_is_explained_with_an_edit_of_its_line(text: str) -> None:
    failed = RunDocument(status="raised", error=Error("exception", "RuntimeError", MESSAGE, 4))

    error = explained(failed, text).error

    assert error is not None
    assert error.explanation is not None
    (edit,) = error.explanation.edits
    assert (edit.line, edit.end_line, edit.text) == (4, 4, "((x * 2).sum()).backward()")
    changed = cured(normalised(text), [{"line": 4, "end_line": 4, "text": edit.text}])
    assert ast.unparse(ast.parse(changed).body[-1]) == "(x * 2).sum().backward()"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_statements_have_the_lines_that_the_interpreter_counts(text: str) -> None:
    source = Source(text)
    counted = compile(normalised(text), "", "exec").co_lines()

    lines = {statement.lineno for statement in source.statements}

    assert lines == {line for _, _, line in counted if line}
    assert source.text(source.statement(4)) == LINES[3]  # type: ignore[arg-type]
