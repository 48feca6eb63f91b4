"""The four descriptors of a child: the program comes in by one, what it prints and emits goes out.

The wire is a pipe of its own, so that nothing the program prints is taken for an event.
"""

import io
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

from gradfn.events.kinds import ChildEvent
from gradfn.events.run import Program
from gradfn.events.wire import REHEARSE, decode_program, encode

REQUEST, STDOUT, STDERR, WIRE = 0, 1, 2, 3
WIRE_CLOSED = 71  # the exit code of a child that closed its wire: `gradfn.run.exit_reason`
Emit = Callable[[ChildEvent], None]


class _Watched(io.FileIO):
    """A descriptor; `watcher` is given what is written to it."""

    watcher: Callable[[bytes], None] | None = None

    def write(self, data: Any, /) -> int:
        """As ever."""
        count = super().write(data)
        if self.watcher is not None:
            self.watcher(bytes(data[:count]))
        return count


def open_streams() -> None:
    """The standard streams as Python opens them for pipes, but written line by line.

    A program that is killed has then shown what it printed.
    """
    for name, descriptor, errors in (
        ("stdin", REQUEST, "strict"),
        ("stdout", STDOUT, "strict"),
        ("stderr", STDERR, "backslashreplace"),
    ):
        if name == "stdin":
            stream = open(descriptor, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        else:
            buffer = io.BufferedWriter(_Watched(descriptor, "w", closefd=False))
            stream = io.TextIOWrapper(buffer, "utf-8", errors, line_buffering=True)
            vars(stream)["mode"] = "w"  # as `open` has it
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


class _Asking(io.RawIOBase):
    """Input that is asked for, line by line."""

    def __init__(self, read_line: Callable[[], bytes]) -> None:
        self._read_line, self._rest = read_line, b""

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """As much of the line as there is room for."""
        data = self._rest or self._read_line()
        count = min(len(data), len(buffer))
        buffer[:count], self._rest = data[:count], data[count:]
        return count


def asking_stdin(read_line: Callable[[], bytes]) -> None:
    """The program reads what is asked for: its descriptor brings commands."""
    raw = io.BufferedReader(_Asking(read_line))
    sys.stdin = sys.__stdin__ = io.TextIOWrapper(raw, "utf-8")  # type: ignore[misc]


def watch_stdout(watcher: Callable[[bytes], None]) -> None:
    """From now on the watcher is given what is written to a stdout of `open_streams`."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Watched):
        raw.watcher = watcher


def receive_program(rehearse: Callable[[], None]) -> Program | None:
    """The program, once it has come; None when none will. Rehearse as often as it is asked for.

    Nothing is read of the commands that may follow the program.
    """
    while len(head := _read_exactly(4)) == 4:
        if head == REHEARSE:
            rehearse()
        else:
            return decode_program(_read_exactly(int.from_bytes(head, "little")))
    return None


def _read_exactly(count: int) -> bytes:
    """So many bytes, or what there is of them when the pipe ends."""
    body = bytearray()
    while len(body) < count and (chunk := os.read(REQUEST, count - len(body))):
        body += chunk
    return bytes(body)


def wire() -> Emit:
    """What writes an event to the wire; the process ends where nobody reads it any more."""
    # A warning may come from another thread, or from a finalizer while this one writes.
    lock, write, leave = threading.RLock(), os.write, os._exit

    def emit(event: ChildEvent) -> None:
        frame = memoryview(encode(event))
        with lock:
            try:
                while frame:
                    frame = frame[write(WIRE, frame) :]
            except OSError:
                leave(WIRE_CLOSED)

    return emit
