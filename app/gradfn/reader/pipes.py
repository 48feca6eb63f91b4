"""The two pipes of a reader: what is to be read comes in by one, answers leave by the other."""

import os

REQUEST, ANSWERS = 0, 3
CHUNK_BYTES = 2**20


def read_frame() -> bytes:
    """The body of the next frame; nothing when no more will come."""
    return _read_exactly(int.from_bytes(_read_exactly(4), "little"))


def write(data: bytes) -> None:
    """All of it; the process ends where nobody reads it any more."""
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[os.write(ANSWERS, rest) :]
    except OSError:
        os._exit(0)


def _read_exactly(count: int) -> bytes:
    """So many bytes, or what there is of them when the pipe ends."""
    body = bytearray()
    while len(body) < count:
        chunk = os.read(REQUEST, min(CHUNK_BYTES, count - len(body)))
        if not chunk:
            return b""
        body += chunk
    return bytes(body)
