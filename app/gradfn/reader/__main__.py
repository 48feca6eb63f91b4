"""The fork server of readers, and of the processes that lay out for them.

`python -m gradfn.reader CONTROL_FD MEMORY_BYTES JAILED [DOT]`
"""

import contextlib
import gc
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import NoReturn

from gradfn.events.reading import READER
from gradfn.jail.fork_server import serve
from gradfn.jail.jail import Jail
from gradfn.reader.pipes import read_frame
from gradfn.reader.warm import warm
from gradfn.reader.work import read_runs
from gradfn.render.layout import GraphvizMissing, find_graphviz, graphviz_options

# Of a reader's whole life; for each run it gets a share (gradfn.reader.work).
LIFE_SECONDS, LAYOUT_SECONDS = 3_600, 10
MISSING = 69  # the exit code where there is no Graphviz: `gradfn.run.reading.layouts`
OPEN_FILES, NICENESS = 16, 5  # programs and layouts are less urgent


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    memory_bytes, jailed = map(int, sys.argv[2:4])
    graphviz = _graphviz(sys.argv[4] if len(sys.argv) > 4 else None)
    warm()
    gc.collect()
    gc.freeze()
    own = Jail.prepare(
        memory_bytes=memory_bytes,
        cpu_seconds=LIFE_SECONDS,
        open_files=OPEN_FILES,
        niceness=NICENESS,
        sealed=True,
    )
    of_layouts = Jail.prepare(
        memory_bytes=memory_bytes,
        cpu_seconds=LAYOUT_SECONDS,
        open_files=OPEN_FILES,
        starts=graphviz,
    )
    if jailed and own.filter is None:
        sys.exit("gradfn: this kernel takes no seccomp filter, so no run is read")

    def live(parent: int) -> NoReturn:
        """As what the first frame says; nothing that a child told has come yet."""
        role = read_frame()
        if role == READER:
            own.enter(parent)
            read_runs()
        if role and graphviz is None:
            os._exit(MISSING)
        if role and graphviz is not None:
            of_layouts.enter(parent)
            os.execve(graphviz, [str(graphviz), *_options(role)], {"LC_ALL": "C.UTF-8"})
        os._exit(0)

    with contextlib.suppress(ConnectionError):
        serve(control, live)
    # The server is gone, perhaps without a chance to tidy up after us.
    shutil.rmtree(os.environ["HOME"], ignore_errors=True)
    os._exit(0)


def _graphviz(command: str | None) -> Path | None:
    with contextlib.suppress(GraphvizMissing):
        return Path(find_graphviz(command)).resolve()
    return None


def _options(role: bytes) -> list[str]:
    return {name.encode(): graphviz_options(name) for name in ("svg", "png", "json0")}[role]


if __name__ == "__main__":
    main()
