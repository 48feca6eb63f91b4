"""`python -m …` in an interpreter that has loaded torch and the commands already.

That takes seconds; one process does it, and forks for each command. `Loaded.command` is used in
place of `sys.executable`. It starts this file, a small program that hands its folder, environment
and standard streams over to the fork, and ends as that does.
"""

import array
import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

# The first optimizer imports torch._dynamo.
LOADED = ("torch._dynamo", "matplotlib.pyplot", "gradfn.commands.explain", "gradfn.commands.graph")
STREAMS = 3  # standard input, output and error
REQUEST_BYTES = 2**20


@dataclass(frozen=True, slots=True)
class Loaded:
    """A process that has loaded torch, and where it listens."""

    path: Path

    @property
    def command(self) -> list[str]:
        """What stands in place of `sys.executable`, before `-m` and a module."""
        return [sys.executable, "-S", "-E", __file__, str(self.path)]


@contextmanager
def loaded(folder: Path) -> Iterator[Loaded]:
    """Start it, and end it afterwards; its socket is in the folder."""
    path = folder / "loaded"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        command = [sys.executable, "-m", "tests.loaded", str(listening.fileno())]
        process = subprocess.Popen(command, pass_fds=[listening.fileno()])
    try:  # the socket is that process's alone: if it ends, nobody waits for it
        yield Loaded(path)
    finally:
        process.terminate()
        process.wait()


def ask(path: str, words: list[str]) -> int:
    """Let the command be run; its exit code."""
    request = {"words": words, "folder": str(Path.cwd()), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(path)
        message = json.dumps(request).encode()
        streams = array.array("i", range(STREAMS))
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)
        asking.sendmsg([len(message).to_bytes(4, "big")], [rights])
        asking.sendall(message)
        return int(asking.recv(8))


def serve(listening: socket.socket) -> None:
    """Load, and fork for each command that comes."""
    for name in LOADED:
        importlib.import_module(name)
    import torch

    torch.set_num_threads(1)  # a fork has no pool of threads
    gc.freeze()  # else a collection in a fork would copy every page
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how a fork has ended
    while True:
        asking, _ = listening.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            listening.close()
            _wait_for(asking)
        asking.close()


def _wait_for(asking: socket.socket) -> NoReturn:
    """Run the command in a process of its own, and end it when nobody waits for it any more."""
    size, streams, _, _ = socket.recv_fds(asking, 4, STREAMS)
    with asking.makefile("rb") as file:
        request = json.loads(file.read(int.from_bytes(size, "big")))
    child = os.fork()
    if child == 0:
        asking.close()
        _run(request, streams)
    ended = os.pidfd_open(child)
    waited: list[int] = [ended, asking.fileno()]
    if ended not in select.select(waited, [], [])[0]:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    asking.send(str(status).encode())
    os._exit(0)


def _run(request: dict[str, object], streams: list[int]) -> NoReturn:
    """As `python -m module word…` does, in this process."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(str(request["folder"]))
    os.environ.clear()
    environment, words = request["environment"], request["words"]
    assert isinstance(environment, dict)
    assert isinstance(words, list)
    os.environ.update(environment)
    sys.argv = words[1:]
    sys.path[0] = str(request["folder"])
    status: object = 0
    try:
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        status = ended.code
    atexit._run_exitfuncs()
    for file in (sys.stdout, sys.stderr):
        if not file.closed:
            file.flush()
    if isinstance(status, str):
        print(status, file=sys.stderr, flush=True)
        status = 1
    os._exit(status if isinstance(status, int) else 0)  # nothing is taken apart, which takes long


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        serve(socket.socket(fileno=int(sys.argv[1])))
    else:
        sys.exit(ask(sys.argv[1], sys.argv[2:]))
