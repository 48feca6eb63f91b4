"""A script, read and recorded in this very process, as `python FILE` would run it."""

import argparse
import os
import sys
import tokenize
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from gradfn.commands.progress import Progress
from gradfn.explain.document import explained
from gradfn.model.document import RunDocument, Timing
from gradfn.model.fold import document_of

STDIN = "-"
MAX_BYTES = 10 * 2**20  # of a script


# `run_script`, or what runs it elsewhere.
Runner = Callable[["Script", Sequence[str], list[str] | None], RunDocument]


class BadInput(Exception):
    """The command cannot be carried out; the message says why."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text. `name` is how it was given, and how messages call it."""

    name: str
    text: str


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """What both commands take."""
    parser.add_argument("file", metavar="FILE", help="a Python script; - is standard input")
    parser.add_argument(
        "--jailed", action="store_true",
        help="run the script in the server's jail, without files and network, with its limits",
    )  # fmt: skip
    parser.add_argument(
        "--progress", action=argparse.BooleanOptionalAction,
        help="say every five seconds where the script is; by default on a terminal",
    )  # fmt: skip


def read_script(name: str) -> Script:
    """The script in a file, or on standard input; BadInput where there is none."""
    try:
        if name == STDIN:
            return Script("<stdin>", _decoded("<stdin>", _read(sys.stdin.buffer)))
        with Path(name).open("rb") as file:
            return Script(name, _decoded(name, _read(file)))
    except OSError as error:
        raise BadInput(f"cannot read {name}: {error.strerror}") from None


def _read(file: BinaryIO) -> bytes:
    source = file.read(MAX_BYTES + 1)
    if len(source) > MAX_BYTES:
        raise BadInput(f"{file.name} is longer than {MAX_BYTES // 2**20} MiB: no script")
    return source


def _decoded(name: str, source: bytes) -> str:
    """As Python decodes a file: in UTF-8, or as its first lines say."""
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(source).readline)
        return source.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise BadInput(f"{name} is not Python: {error}") from None


def run_script(
    script: Script,
    arguments: Sequence[str] = (),
    roots: list[str] | None = None,
    progress: Progress | None = None,
) -> RunDocument:
    """The explained document of the script, run as `__main__` in this process.

    Its exceptions are in the document, SystemExit is an end. KeyboardInterrupt is raised.
    BadInput where it ends in another exception that is no Exception.
    """
    os.environ.setdefault("MPLBACKEND", "agg")  # a window would wait to be closed
    from gradfn.recorder.in_process import record  # loads torch: not for `--help`

    started = perf_counter()
    process = os.getpid()
    with _as_main(script.name, arguments) as names:
        try:
            events = record(script.text, names, roots=roots, observer=progress)
        except (KeyboardInterrupt, Exception):
            raise
        except BaseException as error:
            raise BadInput(f"{script.name} ended in {type(error).__name__}") from None
        finally:
            if os.getpid() != process:  # a fork that came to the script's end: its parent reports
                sys.stdout.flush()
                os._exit(0)
    if progress is not None:
        progress.ended()
    document = explained(document_of(events), script.text, roots)
    milliseconds = round((perf_counter() - started) * 1e3, 3)
    return replace(document, timing=Timing(run_ms=milliseconds, total_ms=milliseconds))


@contextmanager
def _as_main(name: str, arguments: Sequence[str]) -> Iterator[dict[str, object]]:
    """The names of a new `__main__`, with `sys.argv` and the first entry of `sys.path` of it."""
    main = types.ModuleType("__main__")
    main.__dict__.update(__annotations__={})
    folder = ""
    if name != "<stdin>":
        main.__file__ = str(Path(name).absolute())
        folder = str(Path(name).absolute().parent)
    before, argv = sys.modules["__main__"], sys.argv
    sys.modules["__main__"], sys.argv = main, [name, *arguments]
    sys.path.insert(0, folder)
    try:
        yield main.__dict__
    finally:
        sys.modules["__main__"], sys.argv = before, argv
        sys.path.remove(folder)


def reserve_stdout() -> BinaryIO:
    """Standard output for the command alone; what the script prints goes to standard error."""
    sys.stdout.flush()
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return own
