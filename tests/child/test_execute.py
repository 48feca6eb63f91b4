"""A program runs as `python program.py` runs it. The oracle is that command.

Known differences, each with its reason:

* The file is called `program.py` and lies nowhere, so its path is bare.
* A traceback names a package's file from the package on, not where this machine keeps it.
* `inspect.stack()` and `traceback.print_stack()` see our frames below the program's.
* A recursion too deep is found about 15 calls earlier, for the same frames.
* An IndentationError has one caret in a file and as many as the line's letters in a string.
* Standard output is written line by line, so that a program that is killed has shown them.
* The hash seed is 0 (the order of a set of strings depends on the program alone).
* What is imported already is imported already: a module's import prints nothing anew.
"""

import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.child.programs import PROGRAMS
from tests.conftest import Served
from tests.pace import patience

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
}


def python(code: str, folder: Path) -> tuple[str, str]:
    """What `python program.py` writes to stdout and stderr."""
    program = folder / "program.py"
    program.write_bytes(code.encode())
    done = subprocess.run(
        [sys.executable, "-W", "default::DeprecationWarning:__main__", program],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=patience(60),
        check=False,
    )
    stdout, stderr = done.stdout.decode(), done.stderr.decode()
    return stdout.replace(f"{folder}/", ""), stderr.replace(f"{folder}/", "")


def comparable(text: str) -> str:
    """The text without what differs between two runs of the same program."""
    text = re.sub(r"0x[0-9a-f]+", "0x…", text)
    for folder in sorted({*sys.path, *sysconfig.get_paths().values()} - {""}, key=len)[::-1]:
        text = text.replace(f'File "{folder}/', 'File "')
    text = re.sub(r"\^+(?=\nIndentationError)", "^", text)
    return re.sub(r"in \d+\.\d+s", "in …s", text)


@pytest.mark.parametrize("title", PROGRAMS)
def test_a_program_prints_what_python_prints(server: Served, title: str, tmp_path: Path) -> None:
    document = server.run(PROGRAMS[title])
    stdout, stderr = python(PROGRAMS[title], tmp_path)
    assert comparable(document["stderr"]) == comparable(stderr)
    assert comparable(document["stdout"]) == comparable(stdout)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("x = 2\nx * 3\n", "6"),
        ("'a' + \"b\"", "'ab'"),
        ("None", None),
        ("x = 1", None),
        ("print('a')", None),
        ("x = 1; x", "1"),
        ("if True:\n    5", None),
        ("from __future__ import annotations\nlen('abc')", "3"),
    ],
)
def test_the_value_of_a_last_bare_expression_is_the_result(
    server: Served, code: str, shown: str | None
) -> None:
    document = server.run(code)
    assert document["status"] == "finished"
    assert document["result"] == (shown and {"repr": shown})


def test_an_exception_in_the_repr_of_the_result_is_the_programs(server: Served) -> None:
    code = "class Odd:\n    def __repr__(self):\n        return 1 / 0\nx = 1\nOdd()"
    document = server.run(code)
    assert (document["status"], document["result"]) == ("raised", None)
    assert document["error"]["type"] == "ZeroDivisionError"
    assert [frame["line"] for frame in document["error"]["traceback"]] == [3]
    assert "x" in {variable["name"] for variable in document["variables"]}


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [
        ("x = 1\ny = = 2\n", 2, 5),
        ("def f(:\n", 1, 7),
        ("x = 1\nreturn x\n", 2, 1),
        ("\ufeffx = 1\ny = = 2\n", 2, 5),
        ("x = 1\r\ny = = 2\r\n", 2, 5),
    ],
)
def test_a_syntax_error_has_its_line_and_column(
    server: Served, code: str, line: int, column: int
) -> None:
    error = server.run(code)["error"]
    assert error["kind"] == "syntax"
    assert (error["type"], error["line"], error["column"]) == ("SyntaxError", line, column)


def test_an_error_has_the_line_of_the_outermost_frame_and_all_frames(server: Served) -> None:
    error = server.run("def f(n):\n    return 1 / n\n\nf(0)\n")["error"]
    assert (error["kind"], error["type"], error["line"]) == ("exception", "ZeroDivisionError", 4)
    assert error["traceback"] == [
        {"function": "<module>", "line": 4, "code": "f(0)"},
        {"function": "f", "line": 2, "code": "return 1 / n"},
    ]


def test_system_exit_is_a_normal_end(server: Served) -> None:
    for code in ("raise SystemExit", "import sys; sys.exit(3)", "import sys; sys.exit('no')"):
        document = server.run(code)
        assert (document["status"], document["error"]) == ("finished", None)


def test_warnings_are_told_with_their_line(server: Served) -> None:
    document = server.run("import warnings\nx = 1\nwarnings.warn('careful')\n")
    [told] = document["diagnostics"]
    assert (told["title"], told["why"], told["line"]) == ("UserWarning", "careful", 3)


def test_the_environment_is_scrubbed(start_server: Callable[..., Served]) -> None:
    server = start_server(SECRET_TOKEN="hidden-from-programs")
    document = server.run("import os\nprint(dict(os.environ))")
    assert "PATH" in document["stdout"]
    assert "SECRET" not in document["stdout"]
    assert "hidden" not in document["stdout"]


def test_nothing_of_one_run_reaches_the_next(server: Served) -> None:
    leave = """
import builtins, sys, random, torch
builtins.left = sys.modules["left"] = torch.left = "a trace"
torch.set_default_dtype(torch.float64)
torch.set_grad_enabled(False)
len = None
"""
    look = """
import builtins, sys, torch
print(hasattr(builtins, "left"), "left" in sys.modules, hasattr(torch, "left"))
print(torch.get_default_dtype(), torch.is_grad_enabled(), len("four"))
"""
    for _ in range(6):
        assert server.run(leave)["status"] == "finished"
        assert server.run(look)["stdout"] == "False False False\ntorch.float32 True 4\n"


RANDOM = """
import random, numpy, torch
print(random.random(), numpy.random.rand(), torch.rand(1).item(), torch.randperm(9).tolist())
"""


def test_random_numbers_differ_from_run_to_run(server: Served) -> None:
    assert len({server.run(RANDOM)["stdout"] for _ in range(6)}) == 6


def test_random_numbers_are_the_same_with_the_same_seed(server: Served) -> None:
    assert len({server.run(RANDOM, seed=7)["stdout"] for _ in range(6)}) == 1
    assert server.run(RANDOM, seed=7)["stdout"] != server.run(RANDOM, seed=8)["stdout"]


def test_a_seed_gives_the_numbers_of_manual_seed(server: Served) -> None:
    by_hand = "import torch\ntorch.manual_seed(7)\nprint(torch.rand(3))"
    by_option = "import torch\nprint(torch.rand(3))"
    assert server.run(by_hand)["stdout"] == server.run(by_option, seed=7)["stdout"]


def test_an_optimizer_imports_nothing_more_in_a_ready_child(server: Served) -> None:
    """A waiting child is warm: PyTorch's first step alone imports a thousand modules."""
    code = """
import sys
import torch
import matplotlib.pyplot as plt
before = set(sys.modules)
w = torch.nn.Parameter(torch.ones(1))
for optimizer in (torch.optim.SGD([w], 0.1), torch.optim.Adam([w]), torch.optim.LBFGS([w])):
    (w**2).sum().backward()
    optimizer.step(lambda: (w**2).sum())
plt.plot([1, 2])
plt.show()
print(sorted(set(sys.modules) - before))
"""
    document = server.run(code)
    assert document["stdout"] == "[]\n"


def test_a_program_may_leave_python_in_any_state(server: Served) -> None:
    for code in (
        "import sys; sys.setrecursionlimit(60)",
        "import sys; sys.stdout.close(); sys.stderr.close(); 1 / 0",
        "import sys; sys.stdout = sys.stderr = None; 1 / 0",
        "import gc; gc.disable()",
        "import threading; threading.excepthook = None",
        "import warnings; warnings.showwarning = None; warnings.simplefilter('error')",
        "import torch; torch.set_default_device('meta')",
        "import torch; torch.inference_mode().__enter__()",
        "import torch; torch.autograd.set_detect_anomaly(True)",
    ):
        document = server.run(f"{code}\n" if "1 / 0" in code else f"{code}\nx = 1\n")
        assert document["status"] == ("raised" if "1 / 0" in code else "finished"), code
