"""What the jail refuses, seen by programs that try."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradfn.jail.landlock import landlock_abi
from tests.conftest import Serve, Served
from tests.pace import patience
from tests.processes import children, fork_server_below

REFUSED = {
    "reading a file of the machine": "open('/etc/passwd')",
    "reading what the server was started with": "open('/proc/self/environ')",
    "writing a file": "open('/var/tmp/gradfn-was-here', 'w')",
    "writing a file by the kernel": "import _io\n_io.open('/tmp/gradfn-was-here', 'w')",
    "a socket": "import socket\nsocket.socket()",
    "another process": "import os\nos.fork()",
    "another program": "import subprocess\nsubprocess.run(['true'])",
    "a signal to others": "import os\nos.kill(os.getppid(), 0)",
}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Served]:
    """One of its own: elsewhere live runs that have ended have children that wait to be asked."""
    with serve() as one:
        yield one


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


def status_of(pid: int) -> dict[str, str]:
    """What the kernel tells of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: text.strip() for name, _, text in (line.partition(":") for line in lines)}


def limits_of(pid: int) -> dict[str, str]:
    """A process's soft limits."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()[1:]
    return {line[:26].strip(): line[26:47].strip() for line in lines}


@pytest.fixture
def waiting(server: Served) -> set[int]:
    """Children that wait for a program, each in its jail; the spare has none.

    One that still rehearses has files open that it will have closed, and does not sleep.
    """
    end = time.monotonic() + patience(20)
    while time.monotonic() < end:
        below = children(fork_server_below(server.process.pid))
        told = {pid: status_of(pid) for pid in below}
        jailed = {pid for pid, status in told.items() if status["Seccomp"] == "2"}
        asleep = all(told[pid]["State"].startswith("S") for pid in jailed)
        if len(below) - len(jailed) == 1 and asleep:
            return jailed
        time.sleep(0.05)  # for a process of another, which sends no event
    raise AssertionError("there are children outside the jail")


def test_the_kernel_tells_of_every_layer_on_a_child_that_waits(
    server: Served, waiting: set[int]
) -> None:
    for pid in waiting:
        status, limits = status_of(pid), limits_of(pid)
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"
        assert "0" not in status["Uid"].split()
        assert int(status["CapEff"], 16) in (0, 1 << 2)  # at most reading, which Landlock narrows
        assert int(status["CapAmb"], 16) == 0
        for name in ("core file size", "file size", "locked memory", "msgqueue size"):
            assert limits[f"Max {name}"] == "0"
        assert int(limits["Max open files"]) == 64
        for name in ("address space", "data size", "processes", "cpu time"):
            assert limits[f"Max {name}"] != "unlimited"
        assert os.getpgid(pid) == pid
        assert os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(
            os.PRIO_PROCESS, server.process.pid
        )
        assert Path(f"/proc/{pid}/oom_score_adj").read_text() == "1000\n"
        if os.geteuid() == 0:
            assert len(list(Path(f"/proc/{pid}/fd").iterdir())) == 4


BROKEN = """
import os, resource, sys
from gradfn.jail import jail
from gradfn.jail.landlock import Ruleset
from gradfn.jail.seccomp import Filter

layers = jail.Jail.prepare(memory_bytes=2**30, cpu_seconds=9, open_files=64)
{lost}
try:
    layers.enter(os.getppid())
except jail.JailBroken as error:
    print(error)
    sys.stdout.flush()
os._exit(0)
"""


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("Ruleset.restrict_self = lambda ruleset: None", "landlock"),
        ("Filter.load = lambda filter: None", "seccomp"),
        ("jail.Jail._limit = lambda jail: None", "limits"),
        ("jail.Jail._become_nobody = lambda jail: None", "uid"),
        ("", ""),
    ],
)
def test_a_jail_that_has_lost_a_layer_notices(lost: str, told: str) -> None:
    if told == "uid" and os.geteuid() != 0:
        pytest.skip("only root has another uid to become")
    if told == "landlock" and landlock_abi() == 0:
        pytest.skip("this kernel has no Landlock to lose")
    ran = subprocess.run(
        [sys.executable, "-c", BROKEN.replace("{lost}", lost)],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stderr == ""
    assert told in ran.stdout
    assert ("do not work" in ran.stdout) == bool(told)
