"""Records as bytes and back: frames of a 4-byte little-endian length and a msgpack record.

The other side is a stranger. Whatever does not decode to exactly a record raises
`BrokenWire`, which says what was wrong; nothing half-read gets through.
"""

from collections.abc import Iterator

import msgspec

from app.events.kinds import GraphWalked, Program, Record, Told

MAX_FRAME_BYTES = 64 * 2**20  # the graph of MAX_FUNCTIONS functions fits

_encoder = msgspec.msgpack.Encoder()
_told = msgspec.msgpack.Decoder(Told)
_program = msgspec.msgpack.Decoder(Program)


class BrokenWire(Exception):
    """Bytes on the wire are not a record."""


def encode(record: Record) -> bytes:
    """The record as one frame."""
    body = _encoder.encode(record)
    return len(body).to_bytes(4, "little") + body


def encode_program(program: Program) -> bytes:
    """The program as bytes; its end is the end of the pipe, so it needs no frame."""
    return _encoder.encode(program)


def decode_program(body: bytes) -> Program:
    """The program that `encode_program` made."""
    return _program.decode(body)


def decode(body: bytes) -> Told:
    """The record in the body of one frame."""
    try:
        told: Told = _told.decode(body)
        if isinstance(told, GraphWalked):
            told.check()
        return told
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BrokenWire(f"not a record: {error}") from None


class Frames:
    """Bytes in as they come, records out as they are complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Told]:
        """The records that `chunk` completes, in order."""
        self._buffer += chunk
        while len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "little")
            if length > MAX_FRAME_BYTES:
                raise BrokenWire(f"a frame of {length} bytes is longer than {MAX_FRAME_BYTES}")
            if len(self._buffer) < 4 + length:
                return
            body = bytes(self._buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            yield decode(body)

    @property
    def torn(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return bool(self._buffer)
