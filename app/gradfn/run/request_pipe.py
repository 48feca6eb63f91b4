"""The pipe that brings a child its program, and later a live run its commands."""

import asyncio
import os

from gradfn.events.values import Record
from gradfn.events.wire import encode
from gradfn.run.forkserver import Child


class RequestPipe:
    """Our end of it: what the pipe has no room for is sent when there is room."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._loop = asyncio.get_running_loop()
        self._unsent = bytearray()
        self._last_written = self._closed = False

    @property
    def unsent_bytes(self) -> int:
        """How much the child has not taken yet."""
        return len(self._unsent)

    def write(self, record: Record, *, last: bool = False) -> None:
        """Send the record; after the `last` one the child reads the end of the file."""
        self._unsent += encode(record)
        self._last_written = last
        self._send()

    def close(self) -> None:
        """Give the descriptor back; a second time does nothing."""
        if not self._closed:
            self._closed = True
            self._loop.remove_writer(self._child.request)
            self._child.close_request()

    def _send(self) -> None:
        try:
            del self._unsent[: os.write(self._child.request, self._unsent)]
        except BlockingIOError:
            pass
        except OSError:  # the child is gone, which is noticed where its output is read
            self._unsent.clear()
        if self._unsent:
            self._loop.add_writer(self._child.request, self._send)
        elif self._last_written:
            self.close()
        else:
            self._loop.remove_writer(self._child.request)
