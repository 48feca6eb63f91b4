"""What the jail refuses, seen by programs that try."""

import pytest

from tests.conftest import Served

REFUSED = {
    "reading a file of the machine": "open('/etc/passwd')",
    "reading what the server was started with": "open('/proc/self/environ')",
    "writing a file": "open('/tmp/gradfn-was-here', 'w')",
    "a socket": "import socket\nsocket.socket()",
    "another process": "import os\nos.fork()",
    "another program": "import subprocess\nsubprocess.run(['true'])",
    "a signal to others": "import os\nos.kill(os.getppid(), 0)",
}


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_as_python_refuses_it(server: Served, code: str) -> None:
    document = server.run(code)

    assert document["status"] == "raised"
    assert document["error"]["type"] == "PermissionError"
    assert document["error"]["line"] == len(code.splitlines())


def test_a_debugger_s_call_ends_the_program_and_the_answer_says_why(server: Served) -> None:
    document = server.run("import ctypes\nprint('so far')\nctypes.CDLL(None).ptrace(0, 0, 0, 0)")

    assert (document["status"], document["error"]["kind"]) == ("crashed", "forbidden")
    assert document["stdout"] == "so far\n"
    assert "jail" in document["error"]["message"]


def test_no_program_runs_as_root(server: Served) -> None:
    assert server.run("import os\nos.getuid()")["result"]["repr"] != "0"


def test_threads_and_late_imports_work_as_at_home(server: Served) -> None:
    document = server.run(
        "import threading, sqlite3, xml.dom.minidom, torch.onnx\n"
        "thread = threading.Thread(target=print, args=('from a thread',))\n"
        "thread.start()\nthread.join()"
    )

    assert document["stdout"] == "from a thread\n", document["error"]


def test_the_layers_that_are_on_are_told(server: Served) -> None:
    told = server.client.get("/readyz").json()

    assert told["seccomp"] is True
    assert (
        f'gradfn_jail{{layer="landlock"}} {float(told["landlock"])}'
        in server.client.get("/metrics").text
    )
