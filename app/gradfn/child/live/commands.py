"""The commands of a live run, which come through the pipe that brought the program.

The program has it as descriptor 0. If it reads from that or closes it, it gets no more commands.
"""

import os
import select
from collections import deque

from gradfn.child.streams import REQUEST
from gradfn.events.commands import MAX_COMMAND_BYTES, Command
from gradfn.events.wire import FrameBuffer, decode_command


class Commands:
    """The commands that have come and were not taken yet. `closed`: no more will come."""

    def __init__(self) -> None:
        self.closed = False
        self._frames = FrameBuffer(MAX_COMMAND_BYTES)
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
        self._received += map(decode_command, self._frames.feed(chunk))
