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
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from hashlib import sha256
from io import FileIO
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Literal

LayoutFormat = Literal["svg", "png", "json0"]

SECONDS = 5.0
MAX_ELEMENTS = 3_000
MAX_PICTURE_BYTES = 64 * 2**20
CACHE_BYTES = 64 * 2**20
PNG_DPI = 144  # twice the points of an SVG: sharp on today's screens
PNG_INCHES = 64  # a larger picture is scaled down: 9,216 pixels a side, at most 340 MB in Graphviz

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
_CHUNK_BYTES = 2**16
_COMPLAINT_BYTES = 500
_ENTRY_BYTES = 500  # what an entry of the cache costs beside its picture


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
    options = [f"-Gdpi={PNG_DPI}", f"-Gsize={PNG_INCHES},{PNG_INCHES}"] if format == "png" else []
    with _in_memory() as source, _in_memory() as complaints:
        try:
            source.write(dot.encode())
            source.seek(0)
        except OSError as error:
            raise LayoutFailed(f"There is no room for the text: {error.strerror}.") from None
        try:
            process = subprocess.Popen(
                [program, f"-T{format}", *options],
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


class LayoutCache:
    """Pictures by the content of their DOT: each is laid out once, also for two who ask at once.

    The least recently asked for go when there are more than `max_bytes` of them. Failures are
    not kept, but for LayoutTooSlow, which would cost its whole time again. `asked` is told of
    each picture how long its layout took, or None when it was kept from before.
    """

    def __init__(
        self,
        *,
        max_bytes: int = CACHE_BYTES,
        seconds: float = SECONDS,
        command: str | None = None,
        asked: Callable[[float | None], None] = lambda _: None,
    ) -> None:
        self._asked = asked
        self._max_bytes, self._seconds, self._command = max_bytes, seconds, command
        self._lock = Lock()
        self._bytes = 0
        self._kept: OrderedDict[bytes, Future[bytes]] = OrderedDict()

    def lay_out(self, dot: str, format: LayoutFormat) -> bytes:
        """The picture, laid out now or before."""
        key = sha256(f"{format}\n{dot}".encode()).digest()
        with self._lock:
            picture = self._kept.get(key)
            first = picture is None
            if picture is None:
                picture = self._kept[key] = Future()
            self._kept.move_to_end(key)
        if first:
            started = monotonic()
            self._fill(key, picture, dot, format)
        self._asked(monotonic() - started if first else None)
        error = picture.exception()
        if error is not None:
            raise error.with_traceback(None)  # raised many times, or it would grow
        return picture.result()

    def _fill(self, key: bytes, picture: Future[bytes], dot: str, format: LayoutFormat) -> None:
        """Lays out, and wakes those who wait for the same, with an error too."""
        try:
            made = lay_out(dot, format, seconds=self._seconds, command=self._command)
        except BaseException as error:
            with self._lock:
                picture.set_exception(error)
                if self._kept.get(key) is picture:
                    if isinstance(error, LayoutTooSlow):
                        self._bytes += _size(picture)
                    else:
                        del self._kept[key]
        else:
            with self._lock:
                picture.set_result(made)
                if self._kept.get(key) is picture:
                    self._bytes += _size(picture)
                while self._bytes > self._max_bytes:
                    _, oldest = self._kept.popitem(last=False)
                    self._bytes -= _size(oldest)


def _size(picture: Future[bytes]) -> int:
    """What an entry takes, in bytes; nothing before it is done."""
    if not picture.done():
        return 0
    return _ENTRY_BYTES + (0 if picture.exception() else len(picture.result()))
