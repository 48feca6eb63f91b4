"""A program's text counts the same lines for compiler, recorder, explanations and reader."""

import pytest

from tests.conftest import Served

LINES = [
    "import torch",
    "w = torch.tensor([1.0], requires_grad=True)",
    "y = w * 2",
    "z = y.detach()",
    "z.sum().backward()",
]
FORMS = {
    "a byte order mark": "\ufeff" + "\n".join(LINES),
    "line feeds": "\n".join(LINES),
    "carriage returns with line feeds": "\r\n".join(LINES),
    "lone carriage returns": "\r".join(LINES),
    "all kinds of line ends": "\ufeff{}\r\n{}\r{}\n{}\r\n{}\r".format(*LINES),
    "a form feed before a statement": "\n".join([*LINES[:2], "\x0c" + LINES[2], *LINES[3:]]),
    "line separators in a string": "\n".join([*LINES[:2], "y = w * len('\u2028\x85')", *LINES[3:]]),
    "separators in a comment": "\n".join([*LINES[:2], "y = w * 2  # \x0b\x1c", *LINES[3:]]),
}


@pytest.fixture(params=FORMS.values(), ids=list(FORMS))
def program(request: pytest.FixtureRequest) -> str:
    """The program in one of its forms."""
    return str(request.param)


def test_the_recording_is_whole(server: Served, program: str) -> None:
    document = server.run(program, steps=True)

    assert [step["line"] for step in document["steps"]] == [1, 2, 3, 4, 5]
    by_name = {name: each for each in document["graph"]["tensors"] for name in each["names"]}
    assert {name: each["line"] for name, each in by_name.items()} == {"w": 2, "y": 3, "z": 4}
    assert document["diagnostics"] == []  # nothing was lost of what was recorded


def test_an_error_is_at_its_line_and_explained_with_an_edit_of_it(
    server: Served, program: str
) -> None:
    document = server.run(program)

    error = document["error"]
    assert (error["type"], error["line"]) == ("RuntimeError", 5)
    assert error["traceback"] == [{"function": "<module>", "line": 5, "code": LINES[4]}]
    assert f'File "program.py", line 5, in <module>\n    {LINES[4]}\n' in document["stderr"]
    assert error["explanation"]["edits"] == [{"line": 4, "end_line": 4, "text": "z = y"}]


def test_a_live_run_has_the_same_lines(server: Served, program: str) -> None:
    answer = server.client.post("/api/v1/runs", json={"code": program})
    address = answer.json()["links"]["self"]
    with server.client.stream("GET", f"{address}/events") as stream:
        list(stream.iter_lines())
    document = server.client.get(address).json()

    assert document["error"]["line"] == 5
    assert document["error"]["explanation"]["line"] == 4
    server.client.delete(address)
