"""Records as bytes and back: frames of a 4-byte little-endian length and a msgpack record.

The other side is a stranger. Whatever does not decode to exactly a record raises
`BrokenWire`, which says what was wrong; nothing half-read gets through.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from gradfn.events.commands import MAX_COMMAND_BYTES, Command
from gradfn.events.graph import EDGES_PER_FUNCTION, MAX_FUNCTIONS
from gradfn.events.kinds import (
    Answered,
    ChildEvent,
    FigureDrawn,
    FileWritten,
    GraphMoved,
    GraphRead,
    GraphWalked,
    TrainingRead,
)
from gradfn.events.live import MAX_SEEN_FUNCTIONS
from gradfn.events.run import Program
from gradfn.events.values import Record

# A number in a record takes up to a tenth of a microsecond to decode, and then eight bytes of
# memory, where on the wire one byte may do. The columns of a graph cost nothing of the kind.
MAX_RECORD_BYTES = 4 * 2**20
BYTES_PER_FUNCTION = 12 + 8 * EDGES_PER_FUNCTION
BYTES_OF_BLOCK = 40  # of memory, on average: a float takes 24, a list of two 88
SMALL_BYTES = 16_384  # counting blocks takes a tenth of a millisecond
# How records begin: a `GraphWalked`, and a `Finished`.
GRAPH, FINISHED = b"\x98\xabGraphWalked", b"\x93\xa8Finished"

REHEARSE = bytes(4)  # a frame with nothing in it: run a program of your own, and wait again

_encoder = msgspec.msgpack.Encoder()
_json = msgspec.json.Encoder()
_event = msgspec.msgpack.Decoder(ChildEvent)
_program = msgspec.msgpack.Decoder(Program)
_order = msgspec.msgpack.Decoder(Command)


class BrokenWire(Exception):
    """Bytes on the wire are not a record."""


def encode(record: Record) -> bytes:
    """The record as one frame."""
    body = _encoder.encode(record)
    return len(body).to_bytes(4, "little") + body


def json_of(value: object) -> bytes:
    """A value as JSON."""
    return _json.encode(value)


def decode_command(body: bytes) -> Command:
    """The order in the body of a frame, of at most MAX_COMMAND_BYTES."""
    if len(body) > MAX_COMMAND_BYTES:
        raise BrokenWire(f"an order of {len(body):,} bytes, more than {MAX_COMMAND_BYTES:,}")
    order: Command = _order.decode(body)
    return order


def decode_program(body: bytes) -> Program:
    """The program in the body of a frame."""
    return _program.decode(body)


def decode(body: bytes, max_functions: int = MAX_FUNCTIONS) -> ChildEvent:
    """The record in the body of one frame."""
    if len(body) > MAX_RECORD_BYTES and not body.startswith(GRAPH):
        raise BrokenWire(f"a record of {len(body):,} bytes, more than {MAX_RECORD_BYTES:,}")
    try:
        with _uncollected():
            event: ChildEvent = _event.decode(body)
        match event:
            case GraphWalked():
                event.check(max_functions)
            case TrainingRead() | GraphMoved():
                event.check()
            case GraphRead(walked=walked):
                walked.check(MAX_SEEN_FUNCTIONS)
            case Answered(walked=GraphWalked() as walked):
                walked.check(max_functions)
        return event
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BrokenWire(f"not a record: {error}") from None


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection, which takes most of the time that a large record takes."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def max_frame_bytes(max_functions: int) -> int:
    """The most bytes that a record may have, of a child that may report so many functions."""
    return MAX_RECORD_BYTES + BYTES_PER_FUNCTION * max_functions


class FrameBuffer:
    """Bytes in as they come, bodies of frames out as they are complete."""

    def __init__(self, max_bytes: int) -> None:
        self._buffer, self._max_bytes = bytearray(), max_bytes

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The bodies that `chunk` completes, in order."""
        self._buffer += chunk
        while len(self._buffer) >= 4:
            length = int.from_bytes(self._buffer[:4], "little")
            if length > self._max_bytes:
                raise BrokenWire(f"a frame of {length:,} bytes, more than {self._max_bytes:,}")
            if len(self._buffer) < 4 + length:
                return
            with memoryview(self._buffer) as buffer:
                body = bytes(buffer[4 : 4 + length])
            del self._buffer[: 4 + length]
            yield body

    @property
    def torn(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return bool(self._buffer)


class Frames:
    """Bytes in as they come, events out as they are complete.

    A graph that is larger than a child may walk is no event. `decoded_bytes` is about what the
    latest event takes in memory: a list of complex numbers takes 30 times its bytes here.
    """

    def __init__(self, max_functions: int = MAX_FUNCTIONS) -> None:
        self._max_functions = max_functions
        self.decoded_bytes = 0
        self._frames = FrameBuffer(max_frame_bytes(max_functions))

    def feed(self, chunk: bytes) -> Iterator[ChildEvent]:
        """The events that `chunk` completes, in order."""
        for body in self._frames.feed(chunk):
            yield self._decode(body)

    def _decode(self, body: bytes) -> ChildEvent:
        is_small = len(body) <= SMALL_BYTES
        blocks = 0 if is_small else sys.getallocatedblocks()
        event = decode(body, self._max_functions)
        if isinstance(event, GraphWalked | FigureDrawn | FileWritten):  # bytes here and there
            self.decoded_bytes = len(body)
        elif is_small:
            self.decoded_bytes = 8 * len(body)
        else:  # no other thread runs while it is decoded
            made = max(0, sys.getallocatedblocks() - blocks)
            self.decoded_bytes = BYTES_OF_BLOCK * made + 4 * len(body)
        return event

    @property
    def torn(self) -> bool:
        """Whether the bytes so far end inside a frame."""
        return self._frames.torn
