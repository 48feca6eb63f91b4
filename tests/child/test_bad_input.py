"""Whatever comes in, a clear answer goes out, and the next run is unharmed."""

import json
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import Served

SOUND = "import torch\nw = torch.tensor([2.0], requires_grad=True)\n(w * 3).backward()\nw.grad"


@pytest.fixture(autouse=True)
def _the_next_run_is_unharmed(server: Served) -> Iterator[None]:
    yield
    document = server.run(SOUND)
    assert document["status"] == "finished"
    assert document["result"] == {"repr": "tensor([3.])"}
    assert server.process.poll() is None


@pytest.mark.parametrize(
    "code",
    [
        "",
        "\n\n",
        "# only a comment",
        "#",
        "\ufeff",
        "\ufeff# a comment\r\n",
        '"""only a text"""',
        " ",
    ],
)
def test_nothing_to_run_is_a_program_that_finished(server: Served, code: str) -> None:
    document = server.run(code)
    assert document["status"] == "finished"
    assert document["graph"] == {"tensors": [], "functions": [], "truncated": False}
    assert document["stdout"] == document["stderr"] == ""


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        ("x = 1\0\n", "SyntaxError", "null bytes"),
        ("x = '\0'", "SyntaxError", "null bytes"),
        ("(" * 10_000 + ")" * 10_000, "SyntaxError", "too many nested parentheses"),
        ("-" * 60_000 + "1", "SyntaxError", "too deeply nested"),
        ("x = " + "[" * 150 + "]" * 150, None, None),
        ("1" + " + 1" * 15_000, None, None),
        ("x" + ".x" * 30_000, None, None),
        ("lambda: " * 8_000 + "1", "SyntaxError", "too deeply nested"),
        ("if True:\n\tx = 1\n        y = 2\n", "TabError", "tabs"),
        ("if True:\nx = 1", "IndentationError", "indented block"),
        ("x = 1\x0c\ny = = 2", "SyntaxError", "invalid syntax"),
        ("x\u200b = 1", "SyntaxError", "U+200B"),
        ("\ufeff\ufeffx = 1", "SyntaxError", "U+FEFF"),
        ("9" * 5_000, "SyntaxError", "Exceeds the limit"),
    ],
)
def test_what_is_not_python_is_told_with_words(
    server: Served, code: str, kind: str | None, words: str | None
) -> None:
    document = server.run(code)
    if kind is None:  # how deep the compiler goes is its own affair
        assert document["status"] in ("finished", "raised")
        assert document["error"] is None or document["error"]["message"]
        return
    assert document["status"] == "raised"
    error = document["error"]
    assert (error["kind"], error["type"]) == ("syntax", kind)
    assert words in error["message"]
    assert document["stderr"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_counts_the_same_lines(server: Served, end: str) -> None:
    document = server.run(f"x = 1{end}y = 2{end}1 / 0{end}")
    assert document["error"]["line"] == 3
    assert "    1 / 0\n    ~~^~~\n" in document["stderr"]


def test_a_coding_cookie_changes_nothing(server: Served) -> None:
    document = server.run("# -*- coding: utf-7 -*-\nx = '+AGE-'\nprint(x, 'ü')")
    assert document["stdout"] == "+AGE- ü\n"


HOSTILE = [
    "<script>alert(1)</script>",
    '"];evil [URL="javascript:alert(1)"',
    "<<TABLE><TR><TD HREF='javascript:alert(1)'>x</TD></TR></TABLE>>",
    "back\\slash\\",
    "a\nb\r\nc\td",
    "]]>",
    "&amp;&lt;%00'",
    "\x00\x01\x1b[31m\x7f",
    "\u202eright to left",
    "größe 中文 🔥",
    "\ud800 half a pair",
    "",
    "x" * 50_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_text_everywhere(server: Served, name: str) -> None:
    code = f"""
import torch
import matplotlib.pyplot as plt
name = {name!a}
w = torch.tensor([1.0], requires_grad=True)
globals()[name] = w * 2
tensors = {{name: w * 3}}
text = name
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.__dict__["_parameters"][name] = torch.nn.Parameter(torch.ones(1))
net = Net()
Op = type(name.replace("\\0", "") or "Op", (torch.autograd.Function,), {{
    "forward": staticmethod(lambda ctx, x: x.clone()),
    "backward": staticmethod(lambda ctx, g: g),
}})
y = Op.apply(w)
plt.plot([0, 1])
try:
    plt.title(name[:100].replace("$", ""))
except Exception:
    pass
plt.show()
error = type(name.replace("\\0", "") or "Odd", (Exception,), {{}})
raise error(name)
"""
    document = server.run(code, picture=True)
    assert document["status"] == "raised", document["error"]
    assert document["error"]["line"]
    picture = document["picture"]
    assert picture["svg"], picture["error"]
    for text in (picture["svg"], *(figure["data"] for figure in document["figures"])):
        assert "<script" not in text
        assert 'href="javascript' not in text.lower()
    for format in ("svg", "dot", "png"):
        answer = server.client.post(f"/api/v1/graph.{format}", json={"code": code})
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("code", "limit", "number"),
    [
        ("import torch\nx = torch.empty(10**12)", "memory", "1,024 MB"),
        ("import numpy\nx = numpy.ones(10**11)", "memory", "1,024 MB"),
        ("print('x' * 100_000_000)", "output", "1,000,000 bytes"),
        ("while True: print('x' * 1000)", "output", "1,000,000 bytes"),
    ],
)
def test_too_much_is_a_limit_in_words(server: Served, code: str, limit: str, number: str) -> None:
    document = server.run(code)
    assert (document["status"], document["error"]["limit"]) == ("limit", limit)
    assert number in document["error"]["message"]
    assert document["error"]["explanation"]["fix"]


def test_a_loop_without_an_end_is_stopped_with_its_graph(server: Served) -> None:
    code = "import torch\nw = torch.ones(1, requires_grad=True)\ny = w * 2\nwhile True: pass"
    document = server.run(code, timeout_ms=300)
    assert (document["status"], document["error"]["limit"]) == ("limit", "time")
    assert "0.3 s" in document["error"]["message"]
    assert document["error"]["line"] == 4
    assert [function["name"] for function in document["graph"]["functions"]] == [
        "MulBackward0",
        "AccumulateGrad",
    ]


def test_a_graph_of_a_million_functions_is_cut_and_says_so(server: Served) -> None:
    code = """
import torch
w = torch.ones(1, requires_grad=True)
y = w
for _ in range(1_000_000):
    y = y + 1
"""
    document = server.run(code)
    assert document["graph"]["truncated"]
    assert len(document["graph"]["functions"]) == 100_000
    assert "graph" in document["limits"]["reached"]


def test_a_null_pointer_is_a_crash_in_words(server: Served) -> None:
    document = server.run("print('before')\nimport ctypes\nctypes.string_at(0)")
    assert document["status"] == "crashed"
    assert "SIGSEGV" in document["error"]["message"]
    assert document["stdout"] == "before\n"


def test_a_client_that_goes_away_harms_nobody(server: Served) -> None:
    address = urlsplit(server.url)
    body = json.dumps({"code": "while True: pass"}).encode()
    head = f"POST /api/v1/graph HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    for cut in (0, 10, len(body)):
        with socket.create_connection((address.hostname, address.port)) as connection:
            connection.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n")
            connection.sendall(body[:cut])


def test_a_root_that_is_no_tensor_is_said_to_be_none(server: Served) -> None:
    code = "import torch\nw = torch.ones(1, requires_grad=True)\nlr = 0.1\nloss = w * lr"
    document = server.run(code, roots=["loss", "lr", "lost", "lost"])

    said = [each for each in document["diagnostics"] if each["id"] == "root-unknown"]
    assert ["'lr'" in said[0]["why"], "'lost'" in said[1]["why"], len(said)] == [True, True, 2]
    assert document["graph"]["functions"][0]["name"] == "MulBackward0"
    sound = server.run(code, roots=["loss", "w"])
    assert [each["id"] for each in sound["diagnostics"] if each["id"] == "root-unknown"] == []


@pytest.mark.parametrize(("count", "is_cut"), [(1_000, False), (1_001, True)])
def test_more_variables_than_are_told_are_said_to_be_more(
    server: Served, count: int, is_cut: bool
) -> None:
    document = server.run(f"for i in range({count - 1}): globals()[f'x{{i}}'] = i")

    assert len(document["variables"]) == 1_000
    assert document["variables_truncated"] is is_cut
    assert [each["id"] for each in document["diagnostics"]] == ["variables-truncated"] * is_cut


@pytest.mark.parametrize(
    "code",
    [
        "import torch\ntorch.nn.Linear(2, 3)(torch.ones(5))",
        "import json\njson.loads('{')",
        "import torch\ntry:\n    json = torch.ones(2) @ torch.ones(3)\nfinally:\n    {}['x']",
        "import threading, json\nthreading.Thread(target=json.loads, args=['{']).start()",
        "import torch, json, matplotlib.pyplot as plt\nplt.plot([1], 'nonsense')",
    ],
)
def test_no_answer_tells_where_this_machine_keeps_its_files(server: Served, code: str) -> None:
    answer = server.client.post("/api/v1/graph", json={"code": code})

    assert "Traceback" in answer.json()["stderr"]
    for folder in ("site-packages", sys.prefix, sys.base_prefix, str(Path(__file__).parents[2])):
        assert folder not in answer.text
