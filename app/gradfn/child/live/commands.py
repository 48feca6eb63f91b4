"""What comes in through the pipe of the request: the program, and then commands.

The program has it as descriptor 0. If it reads from that or closes it, it gets no more commands.
"""

import os
import select
from collections import deque

from gradfn.events.commands import MAX_COMMAND_BYTES, Command
from gradfn.events.wire import decode_command

REQUEST = 0


def read_frame() -> bytes:
    """The body of the next frame; what there is of it when the pipe ends."""
    length = int.from_bytes(_read_exactly(4), "little")
    return _read_exactly(length)


def _read_exactly(count: int) -> bytes:
    body = bytearray()
    while len(body) < count and (chunk := os.read(REQUEST, count - len(body))):
        body += chunk
    return bytes(body)


class Commands:
    """The commands that have come and were not taken yet. `closed`: no more will come."""

    def __init__(self) -> None:
        self.closed = False
        self._buffer = bytearray()
        self._received: deque[Command] = deque()

    def take(self, seconds: float | None) -> Command | None:
        """The next command, waited for so long (None: for ever); None when there is none."""
        if not self._received and not self.closed:
            self._read(seconds)
        return self._received.popleft() if self._received else None

    def _read(self, seconds: float | None) -> None:
        try:
            if not select.select([REQUEST], [], [], seconds)[0]:
                return
            chunk = os.read(REQUEST, MAX_COMMAND_BYTES)
        except (OSError, ValueError):  # the program closed it
            chunk = b""
        self.closed = not chunk
        self._buffer += chunk
        while len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "little")
            if len(self._buffer) < 4 + length:
                return
            self._received.append(decode_command(bytes(self._buffer[4 : 4 + length])))
            del self._buffer[: 4 + length]
