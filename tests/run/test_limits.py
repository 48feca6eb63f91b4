"""Every limit is hit by a program, which is told so with a number and a unit.

What was told before is kept, and what the program says of itself is not believed.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Serve, Served
from tests.pace import patience

# Long enough for what a program does before it is stuck, and short enough to wait for it.
TIME = round(patience(0.25), 1)
GRACE, WALL = round(patience(0.5), 1), round(patience(2.5), 1)
MORE_THAN_ENOUGH = "import torch\nw = torch.ones(2, requires_grad=True)\ny = (w * 2).sum()\n"


@pytest.fixture(scope="module")
def tight(serve: Serve) -> Iterator[Served]:
    """A server that allows little."""
    with serve(
        GRADFN_WALL_SECONDS=str(WALL),
        GRADFN_GRACE_SECONDS=str(GRACE),
        GRADFN_CPU_SECONDS="10",
        GRADFN_MEMORY_MB="128",
        GRADFN_OUTPUT_BYTES="10000",
        GRADFN_WIRE_BYTES="1000000",
        GRADFN_EVENTS="200",
        GRADFN_FUNCTIONS="1000",
        GRADFN_FIGURES="3",
    ) as served:
        yield served


@pytest.fixture(scope="module")
def short_of_cpu(serve: Serve) -> Iterator[Served]:
    """A server that allows a second of CPU, and more of the clock than anybody waits."""
    with serve(GRADFN_WALL_SECONDS="50", GRADFN_CPU_SECONDS="1") as served:
        yield served


def limited(document: dict[str, Any], limit: str, *words: str) -> dict[str, Any]:
    """The error of a run that this limit ended, told with these words."""
    error: dict[str, Any] = document["error"]
    assert (document["status"], error["kind"]) == ("limit", "limit"), error
    assert error["limit"] == limit
    assert document["limits"]["reached"] == [limit]
    assert all(word in error["message"] for word in words), error["message"]
    assert error["explanation"]["id"] == f"limit-{limit}"
    return error


def has_graph(document: dict[str, Any]) -> bool:
    """Whether what the program built is told."""
    names = [function["name"] for function in document["graph"]["functions"]]
    return set(names) == {"SumBackward0", "MulBackward0", "AccumulateGrad"}


# Time


@pytest.mark.parametrize(
    "forever",
    [
        "import time\ntime.sleep(60)",
        "import threading\nthreading.Thread(target=threading.Event().wait).start()",
        "import queue\nqueue.Queue().get()",
        "9 ** 10**8",
        "import re\nre.match('(a+)+b', 'a' * 40)",
        "while True:\n    try:\n        pass\n    except:\n        pass",
        "class Slow:\n    def __repr__(self):\n        while True: pass\nSlow()",
        "for _ in iter(int, 1):\n    (w * 2).sum().backward()",
        "import matplotlib.pyplot as plt\nwhile True:\n    plt.close(plt.figure())",
    ],
)
def test_a_program_out_of_time_still_shows_its_graph(tight: Served, forever: str) -> None:
    document = tight.run(f"{MORE_THAN_ENOUGH}print('so far')\n{forever}", timeout_ms=TIME * 1e3)
    limited(document, "time", f"{TIME:g} s")
    assert has_graph(document)
    assert document["stdout"] == "so far\n"
    assert "TimeIsUp" in document["stderr"]


def test_the_line_that_ran_out_of_time_is_told(tight: Served) -> None:
    document = tight.run("def f():\n    while True: pass\n\nf()", timeout_ms=TIME * 1e3)
    error = limited(document, "time", f"{TIME:g} s")
    assert [frame["line"] for frame in error["traceback"]] == [4, 2]
    assert error["line"] == 4


@pytest.mark.parametrize(
    "stuck",
    [
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {14})\ntime.sleep(60)",
        "import signal, time\nsignal.signal(14, signal.SIG_IGN)\ntime.sleep(60)",
        "import signal\nsignal.raise_signal(signal.SIGSTOP)",
        "import atexit, time\natexit.register(time.sleep, 60)",
    ],
)
def test_a_program_that_nothing_interrupts_is_killed_after_its_grace(
    tight: Served, stuck: str
) -> None:
    document = tight.run(f"print('so far')\n{stuck}", timeout_ms=TIME * 1e3)
    limited(document, "time", f"{TIME:g} s")
    assert document["stdout"] == "so far\n"
    assert document["timing"]["run_ms"] >= 1e3 * (TIME + GRACE)


def test_the_error_of_a_program_stands_when_the_time_is_up_for_its_threads(tight: Served) -> None:
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\n"

    document = tight.run(f"{MORE_THAN_ENOUGH}{thread}1 / 0", timeout_ms=TIME * 1e3)

    assert document["status"] == "raised"
    assert document["error"]["type"] == "ZeroDivisionError"
    assert has_graph(document)


def test_no_client_gets_more_time_than_the_server_allows(tight: Served) -> None:
    document = tight.run("import time\ntime.sleep(10_000)", timeout_ms=2**31)
    limited(document, "time", f"{WALL:g} s")


def test_cpu_time_is_a_limit_of_its_own(short_of_cpu: Served) -> None:
    document = short_of_cpu.run(f"{MORE_THAN_ENOUGH}while True: pass")
    limited(document, "time", "1 s of CPU time")
    assert has_graph(document)


def test_cpu_time_ends_what_ignores_it(short_of_cpu: Served) -> None:
    code = "import signal\nfor each in (14, 24):\n    signal.signal(each, signal.SIG_IGN)\n"
    document = short_of_cpu.run(f"{code}print('so far')\nwhile True: pass")
    limited(document, "time", "1 s of CPU time")
    assert document["stdout"] == "so far\n"


# Memory


@pytest.mark.parametrize(
    "bomb",
    [
        "kept = []\nwhile True:\n    kept.append([0] * 10**5)",
        "kept = []\nwhile True:\n    kept.append(bytearray(10**6))",
        "kept = []\nwhile True:\n    kept.append(torch.ones(10**5))",
        "kept = torch.ones(10**8)",
        "kept = 'x' * 10**9",
        "import numpy\nkept = numpy.ones(10**8)",
        "kept = [[] for _ in range(10**7)]",
    ],
)
def test_a_program_out_of_memory_still_shows_its_graph(tight: Served, bomb: str) -> None:
    document = tight.run(f"{MORE_THAN_ENOUGH}print('so far')\n{bomb}")
    limited(document, "memory", "128 MB")
    assert has_graph(document)
    assert document["stdout"] == "so far\n"


def test_a_graph_that_fills_the_memory_is_a_limit(tight: Served) -> None:
    code = "import torch\ny = torch.ones(10_000, requires_grad=True)\nwhile 1: y = y.sin()"
    document = tight.run(code)
    assert document["error"]["limit"] == "memory"
    assert document["limits"]["reached"] == ["memory", "graph"]
    assert len(document["graph"]["functions"]) == 1_000


def test_memory_that_the_kernel_does_not_count_is_seen_from_outside(tight: Served) -> None:
    """What is made read-only is no data to RLIMIT_DATA; 640 MB of addresses are allowed."""
    code = """
import ctypes, mmap, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
for _ in range(8):
    start = libc.mmap(None, 2**26, 3, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
    assert start != 2**64 - 1
    ctypes.memset(start, 1, 2**26)
    libc.mprotect(start, 2**26, mmap.PROT_READ)
time.sleep(60)
"""
    document = tight.run(f"print('so far')\n{code}")
    limited(document, "memory", "128 MB")
    assert document["stdout"] == "so far\n"


def test_memory_given_back_in_time_is_no_limit(tight: Served) -> None:
    code = "try:\n    x = 'x' * 10**9\nexcept MemoryError:\n    print('caught')"
    document = tight.run(code)
    assert (document["status"], document["stdout"]) == ("finished", "caught\n")


# Output, events, graph


@pytest.mark.parametrize(
    ("flood", "stream"),
    [
        ("while True: print('x' * 99)", "stdout"),
        ("print('x' * 10**7)", "stdout"),
        ("import sys\nwhile True: print('x' * 99, file=sys.stderr)", "stderr"),
        ("import os\nwhile True: os.write(1, b'x' * 100)", "stdout"),
        ("import os\nwhile True: os.write(2, b'\\xff' * 100)", "stderr"),
        ("raise ValueError('x' * 10**6)", "stderr"),
    ],
)
def test_too_much_output_ends_a_program(tight: Served, flood: str, stream: str) -> None:
    document = tight.run(flood)
    limited(document, "output", "10,000 bytes")
    assert len(document[stream]) == 10_000
    assert document[f"{stream}_truncated"]


def test_as_much_output_as_allowed_is_shown_whole(tight: Served) -> None:
    document = tight.run("print('x' * 9_999)\nimport sys\nprint('y' * 9_999, file=sys.stderr)")
    assert document["status"] == "finished"
    assert document["stdout"] == "x" * 9_999 + "\n"
    assert document["stderr"] == "y" * 9_999 + "\n"
    assert not document["stdout_truncated"]
    assert not document["stderr_truncated"]


@pytest.mark.parametrize(
    "flood",
    [
        "import warnings\nfor i in range(1_000): warnings.warn(str(i))",
        "import warnings\nfor i in range(90): warnings.warn(f'{i}' + 'x' * 20_000)",
    ],
)
def test_telling_too_much_ends_a_program(tight: Served, flood: str) -> None:
    quiet = "import sys, io\nsys.stderr = io.StringIO()\nprint('so far')\n"
    document = tight.run(quiet + flood)
    limited(document, "events", "200 events", "1 MB")
    assert document["stdout"] == "so far\n"
    assert document["diagnostics"]


def test_too_large_a_graph_is_cut_and_says_so(tight: Served) -> None:
    code = "import torch\ny = torch.ones(1, requires_grad=True)\nfor _ in range(2_000): y = y + 1"
    document = tight.run(code)
    assert (document["status"], document["error"]) == ("finished", None)
    assert document["limits"]["reached"] == ["graph"]
    assert document["graph"]["truncated"]
    assert len(document["graph"]["functions"]) == 1_000
    assert ["1,000 functions" in each["why"] for each in document["diagnostics"]] == [True]


def test_a_graph_with_too_many_edges_is_cut_and_says_so(tight: Served) -> None:
    code = "import torch\nw = torch.ones(1, requires_grad=True)\ny = torch.stack([w] * 5_000)"
    document = tight.run(code)
    assert (document["status"], document["error"]) == ("finished", None)
    assert document["limits"]["reached"] == ["graph"]
    assert document["graph"]["truncated"]
    stack, leaf = document["graph"]["functions"]
    assert (stack["name"], leaf["name"]) == ("StackBackward0", "AccumulateGrad")
    assert len(stack["next_functions"]) == 4_000


def test_too_many_figures_are_left_out_and_it_says_so(tight: Served) -> None:
    code = """
import matplotlib.pyplot as plt
for i in range(5):
    plt.plot([i, 1])
    plt.show()
"""
    document = tight.run(code)
    assert document["status"] == "finished"
    assert len(document["figures"]) == 3
    assert ["3 figures" in each["why"] for each in document["diagnostics"]] == [True]


# A wire in hostile hands

FORGING = """
import os
import msgspec
from array import array
from gradfn.events.graph import *
from gradfn.events.kinds import *
from gradfn.events.values import Summary
from gradfn.events.wire import encode

print("so far")
os.write(3, encode(Evaluated("told before")))

def forge(*record):
    body = msgspec.msgpack.encode(record)
    os.write(3, len(body).to_bytes(4, "little") + body)

def walked(kinds=["A"], kind_of=[0], offsets=[0, 1], functions=[-1], input_nrs=[0]):
    columns = (array("i", each).tobytes() for each in (kind_of, offsets, functions, input_nrs))
    forge("GraphWalked", kinds, *columns, False, b"")
"""


@pytest.mark.parametrize(
    "forgery",
    [
        "os.write(3, b'garbage' * 100)",
        "os.write(3, (2**32 - 1).to_bytes(4, 'little'))",
        "os.write(3, (100).to_bytes(4, 'little') + b'x' * 50)",
        "os.write(3, (3).to_bytes(4, 'little') + b'\\x93\\xa1x')",
        "os.write(3, (200_000).to_bytes(4, 'little') + b'\\x91' * 200_000)",
        "forge('Unknown', 1)",
        "forge('Printed', 'stdout', 'forged', False)",
        "forge('Crashed', 'crash', 'forged')",
        "forge('Finished', -1.0, 0.0)",
        "forge('Finished', float('nan'), 0.0)",
        "forge('Finished', 'x', 0.0)",
        "forge('Finished', 0.0)",
        "forge('Finished', 0.0, 0.0, 0.0)",
        "forge('Warned', 'x' * 201, 'message', None)",
        "forge('Warned', b'bytes', 'message', None)",
        "forge('Warned', 'Odd', 'message', 2**63)",
        "walked(offsets=[0, 2])",
        "walked(offsets=[1, 1])",
        "walked(offsets=[0])",
        "walked(offsets=[0, 5, 1], kind_of=[0, 0])",
        "walked(kind_of=[1])",
        "walked(kind_of=[-1])",
        "walked(functions=[1])",
        "walked(functions=[-2])",
        "walked(input_nrs=[-1])",
        "walked(input_nrs=[0, 0])",
        "walked(input_nrs=[1_000_000])",
        "walked(functions=[0])",
        "walked(kind_of=[0, 0], offsets=[0, 1, 2], functions=[1, 0], input_nrs=[0, 0])",
        "os.write(3, 2 * encode(TensorsRead([], False)))",
        "walked(kind_of=[0] * 1_001, offsets=[0] * 1_002, functions=[], input_nrs=[])",
        "walked(offsets=[0, 4_001], functions=[-1] * 4_001, input_nrs=[0] * 4_001)",
        "forge('GraphWalked', ['A'], b'abc', b'', b'', b'', False, b'')",
    ],
)
def test_a_forged_record_is_a_crash_that_keeps_what_was_told(tight: Served, forgery: str) -> None:
    document = tight.run(f"{FORGING}{forgery}\nimport time\ntime.sleep(0.1)")
    assert (document["status"], document["error"]["kind"]) == ("crashed", "crash")
    assert "broke the channel" in document["error"]["message"]
    assert document["error"]["explanation"]["id"] == "crash"
    assert document["result"] == {"repr": "told before"}
    assert document["stdout"] == "so far\n"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("os._exit(0)", "exit code 0"),
        ("os._exit(7)", "exit code 7"),
        ("os.write(3, (100).to_bytes(4, 'little')); os._exit(3)", "exit code 3"),
        ("os.abort()", "SIGABRT"),
        ("import signal; signal.raise_signal(9)", "SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("os.close(3)", "broke the channel that reports on it: it was closed"),
        ("os.close(3); open('/dev/null')", "broke the channel that reports on it: it was closed"),
        ("import builtins; builtins.__dict__.clear()", "Python itself needs"),
    ],
)
def test_a_child_that_goes_away_is_a_crash_in_words(tight: Served, end: str, words: str) -> None:
    document = tight.run(f"{FORGING}{end}")
    assert (document["status"], document["error"]["kind"]) == ("crashed", "crash")
    assert words in document["error"]["message"]
    assert document["result"] == {"repr": "told before"}
    assert document["stdout"] == "so far\n"


def test_a_forged_end_is_the_end(tight: Served) -> None:
    document = tight.run(f"{FORGING}os.write(3, encode(Finished(0.0, 0.0)))\nwhile True: pass")
    assert document["status"] == "finished"
    assert document["stdout"] == "so far\n"
    assert document["graph"]["functions"] == []


def test_a_forged_graph_is_shown_or_refused_and_harms_nobody(tight: Served) -> None:
    code = f"""{FORGING}
walked(kinds=["<script>", "]]>"], kind_of=[1, 0], offsets=[0, 1, 2], functions=[1, -1],
       input_nrs=[0, 999_999])
value = TensorValue([2, 2], "float32", [1.0], Summary(1, 2, 3, 4, 5, -6, 7))
tensor = TensorRead(
    ["a", "a", "<b>"], "leaf", False, True, True, 99, 7, value, value, 1, [98], "note"
)
os.write(3, encode(TensorsRead([tensor, tensor], False)))
os.write(3, encode(VariablesBound([Variable("v", "tensor", 97, "repr")], False)))
os.write(3, encode(FigureDrawn("svg", b"<svg><script>alert(1)</script>\\xff", 5)))
os.write(3, encode(Raised("exception", "Odd", "message", 10_000_000, 5, [])))
os.write(3, encode(Finished(0.0, 0.0)))
while True: pass
"""
    document = tight.run(code, picture=True)
    assert document["status"] == "raised"
    ids = {function["id"] for function in document["graph"]["functions"]}
    assert {tensor["grad_fn"] for tensor in document["graph"]["tensors"]} <= ids | {None}
    assert document["variables"][0]["tensor"] is None
    picture = document["picture"]
    assert picture["error"] or "<script>" not in picture["svg"]
    for format in ("svg", "dot", "png"):
        answer = tight.client.post(f"/api/v1/graph.{format}", json={"code": code})
        assert answer.status_code in (200, 422)


def test_after_all_that_the_next_run_is_as_ever(tight: Served) -> None:
    document = tight.run(MORE_THAN_ENOUGH)
    assert document["status"] == "finished"
    assert has_graph(document)


def test_a_program_that_closes_the_wire_crashed(tight: Served) -> None:
    document = tight.run("import os, time\nos.close(3)\ntime.sleep(60)")
    assert (document["status"], document["error"]["kind"]) == ("crashed", "crash")
    assert "broke the channel" in document["error"]["message"]
