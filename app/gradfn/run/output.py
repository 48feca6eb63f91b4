"""What a child writes to its standard output or standard error."""

import codecs
import os
from typing import Literal

from gradfn.events.kinds import Printed, Wrote

CHUNK_BYTES = 2**18


class Output:
    """One of the two streams; `max_bytes` of it are kept."""

    def __init__(self, name: Literal["stdout", "stderr"], descriptor: int, max_bytes: int) -> None:
        self.name, self.descriptor = name, descriptor
        self._max_bytes, self._written = max_bytes, bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    @property
    def is_over_limit(self) -> bool:
        """Whether more was written than is kept."""
        return len(self._written) > self._max_bytes

    def read(self) -> bytes | None:
        """The next bytes, b"" at the end, None when there are none yet."""
        chunk = read_available(self.descriptor)
        self._written += chunk or b""
        return chunk

    def wrote(self, chunk: bytes) -> Wrote | None:
        """The chunk as an event; None while it ends inside its first character."""
        text = self._decoder.decode(chunk)
        return Wrote(self.name, text) if text else None

    def printed(self) -> Printed:
        """All that was written, as far as it is kept."""
        text = self._written[: self._max_bytes].decode("utf-8", "replace")
        return Printed(self.name, text, self.is_over_limit)


def read_available(descriptor: int) -> bytes | None:
    """The next bytes, b"" at the end, None when there are none yet."""
    try:
        return os.read(descriptor, CHUNK_BYTES)
    except BlockingIOError:
        return None
