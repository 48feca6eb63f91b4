"""Programs as plain PyTorch runs them: `python -m tests.explain.plain PATH…` prints one JSON.

torch is imported once, and each program runs in a fork of its own.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TypedDict


class Ran(TypedDict):
    """What a program printed, and its error: class and message, null where there is none."""

    stdout: str
    error: str | None


def run_all(paths: list[str]) -> dict[str, Ran]:
    """Each program by its path."""
    import matplotlib
    import torch
    import torch._dynamo  # optimizers import it, which takes seconds in each fork

    matplotlib.use("agg")
    torch.set_num_threads(1)  # no pool of threads, which a fork would not have
    return {path: _in_a_fork(path) for path in paths}


def _in_a_fork(path: str) -> Ran:
    with tempfile.TemporaryFile() as file:
        child = os.fork()
        if child == 0:
            file.write(json.dumps(_run(path)).encode())
            file.flush()
            os._exit(0)
        os.waitpid(child, 0)
        file.seek(0)
        ran: Ran = json.loads(file.read())
        return ran


def _run(path: str) -> Ran:
    out, error = io.StringIO(), None
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(out):
        try:
            names = {"__name__": "__main__", "__file__": path}
            exec(compile(Path(path).read_text(encoding="utf-8"), path, "exec"), names)
        except BaseException as raised:
            error = f"{type(raised).__name__}: {raised}"
    return {"stdout": out.getvalue(), "error": error}


if __name__ == "__main__":
    print(json.dumps(run_all(sys.argv[1:])))
