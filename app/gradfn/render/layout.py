"""A DOT text as a picture, by one call of Graphviz that has a budget.

RenderError
├── GraphTooLarge     more elements than are drawn
├── LayoutTooSlow     Graphviz was cut off at its time
├── LayoutFailed      Graphviz refused the text, died, or wrote too much
└── GraphvizMissing   there is no such program
"""

import os
import selectors
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from time import monotonic

from gradfn.events.reading import LayoutFormat

SECONDS = 5.0
MAX_PICTURE_BYTES = 64 * 2**20
PNG_DPI = 144  # twice the points of an SVG: sharp on today's screens
PNG_INCHES = 64  # a larger picture is scaled down: 9,216 pixels a side, at most 340 MB in Graphviz

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
_CHUNK_BYTES = 2**16
_COMPLAINT_BYTES = 500


class RenderError(Exception):
    """There is no picture; the message says why."""


class GraphTooLarge(RenderError):
    """More elements than are drawn."""

    def __init__(self, elements: int, limit: int) -> None:
        super().__init__(
            f"The graph has {elements:,} boxes to draw, more than the limit of {limit:,}."
        )
        self.elements, self.limit = elements, limit


class LayoutTooSlow(RenderError):
    """Graphviz was cut off at its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"Laying out the graph took longer than the limit of {seconds:g} s and was stopped."
        )
        self.seconds = seconds


class LayoutFailed(RenderError):
    """Graphviz refused the text, died, or wrote too much."""


class GraphvizMissing(RenderError):
    """There is no such program."""


def lay_out(
    dot: str,
    format: LayoutFormat,
    *,
    seconds: float = SECONDS,
    command: str | None = None,
) -> bytes:
    """The picture of a DOT text; `command` is a `dot` to use instead of `graphviz-pure`.

    A subprocess of our own: `graphviz.pipe` takes no timeout and no path of a program.
    """
    program = find_graphviz(command)
    with _in_memory() as source, _in_memory() as complaints:
        try:
            source.write(dot.encode())
            source.seek(0)
        except OSError as error:
            raise LayoutFailed(f"There is no room for the text: {error.strerror}.") from None
        try:
            process = subprocess.Popen(
                [program, *graphviz_options(format)],
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=_ENVIRONMENT,
                start_new_session=True,
            )
        except OSError as error:
            reason = f"Graphviz ({program}) does not start: {error.strerror}."
            raise GraphvizMissing(reason) from None
        try:
            picture = _read(process, seconds)
        finally:
            _end(process)
        if process.returncode != 0 or not picture:
            complaints.seek(0)
            raise LayoutFailed(_failure(process.returncode, complaints.read(_COMPLAINT_BYTES)))
        return picture


def graphviz_options(format: LayoutFormat) -> list[str]:
    """How Graphviz is asked for the format."""
    options = [f"-Gdpi={PNG_DPI}", f"-Gsize={PNG_INCHES},{PNG_INCHES}"] if format == "png" else []
    return [f"-T{format}", *options]


def _in_memory() -> FileIO:
    """A file that no full disk refuses."""
    return FileIO(os.memfd_create("graphviz"), "w+b")


def find_graphviz(command: str | None) -> str:
    """The path of the Graphviz to run: by default the wheel's, beside Python or on the PATH."""
    beside = Path(sys.executable).with_name("graphviz-pure")
    if command is None and beside.exists():
        return str(beside)
    found = shutil.which(command or "graphviz-pure")
    if found is None:
        cure = "pip install graphviz-pure" if command is None else f"there is no {command}"
        raise GraphvizMissing(f"Graphviz is not installed: {cure}.")
    return found


def _read(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """All that the process writes until it ends, within the time and MAX_PICTURE_BYTES."""
    deadline = monotonic() + seconds
    assert process.stdout is not None
    picture = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - monotonic())):
                raise LayoutTooSlow(seconds)
            chunk = os.read(process.stdout.fileno(), _CHUNK_BYTES)
            if not chunk:
                break
            picture += chunk
            if len(picture) > MAX_PICTURE_BYTES:
                raise LayoutFailed(f"The picture is larger than {MAX_PICTURE_BYTES // 2**20} MB.")
    try:
        process.wait(max(0.0, deadline - monotonic()))
    except subprocess.TimeoutExpired:
        raise LayoutTooSlow(seconds) from None
    return bytes(picture)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leaves nothing of the process behind, nor of what it started."""
    assert process.stdout is not None
    process.stdout.close()
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _failure(returncode: int, complaint: bytes) -> str:
    words = " ".join(complaint.decode(errors="replace").split())
    how = f"was ended by signal {-returncode}" if returncode < 0 else f"failed ({returncode})"
    return f"Graphviz {how}: {words}" if words else f"Graphviz {how}."
