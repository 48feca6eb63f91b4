"""What goes between the server and its readers, which make answers of what a child told.

A frame each way has a length of four bytes and a body, as on a child's wire. In: the role of the
process, once; then for each run a `Read`, what the server itself told of it, and the child's
records as they came. Out: a `LayOut` and the DOT text, as often as something is to be laid out,
each answered by a `LaidOut` and the picture; at last an `Answer` and its bytes.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from gradfn.events.kinds import Event
from gradfn.events.recorded import FailurePlace
from gradfn.events.wire import BrokenWire

READER = b"reader"  # the role; the others are LayoutFormats
LayoutFormat = Literal["svg", "png", "json0"]
Step = Literal["read", "fold", "explain", "draw"]
Problem = Literal["not drawn", "not in the graph", "too many", "too long", "no such file"]
MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png", "dot": "text/vnd.graphviz"}
MOST_BOXES = 500  # of a picture, if no other number is asked for
MAX_ELEMENTS = 3_000  # that are laid out
MAX_HEAD_BYTES = 1_000_000  # of what a reader answers beside the answer itself
WORDS, MAX_MISTAKES = 20_000, 20


@dataclass(frozen=True, slots=True)
class Choice:
    """Which drawing is asked for: `fold` None: as the graph is large or not; `open` None: first.

    `around` and `paths` name functions by id, or tensors by id or name. `compact` and `merged`
    are said of a drawing node for node: folds have brief boxes, and leaves merged, anyway.
    """

    fold: bool | None = None
    open: tuple[str, ...] | None = None
    depth: int | None = None
    around: str | None = None
    hops: int = 2
    paths: tuple[str, str] | None = None
    boxes: int = MOST_BOXES
    compact: bool = False
    merged: bool = False

    @property
    def is_part(self) -> bool:
        """Whether a part of the graph is asked for."""
        return self.around is not None or self.paths is not None


@dataclass(frozen=True, slots=True)
class WireLimits:
    """What one child may send, and the limits of its run that it may say it met."""

    wire_bytes: int
    events: int
    functions: int
    cpu_seconds: int
    memory_mb: int
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Ran:
    """A run as it came, unread: `told` are the events of the server, `frames` the child's records.

    `finished`: the last of them calls itself that.
    """

    code: str
    limits: WireLimits
    frames: tuple[bytes, ...]
    told: bytes
    finished: bool

    @property
    def size(self) -> int:
        """What it takes in memory, in bytes."""
        return len(self.code) + len(self.told) + sum(map(len, self.frames))


class Read(Struct, frozen=True, array_like=True):
    """What is to be made of a run.

    `status` is that of a run that has not ended; `started` the time of the request by the machine's
    monotonic clock; `lost` says why another reader could not read it.
    """

    what: Literal["document", "picture", "layout", "backprop", "finish", "evaluated", "file"]
    code: str
    limits: WireLimits
    frames: int
    steps: bool = False
    roots: list[str] | None = None
    explain: bool = True
    by_hand: bool = False
    figures: bool = True
    status: Literal["running", "paused"] | None = None
    started: float | None = None
    forms: tuple[Literal["svg", "layout"], ...] = ()
    format: Literal["svg", "png", "dot", "html"] = "svg"
    choice: Choice = Choice()
    name: str | None = None
    root: str | None = None
    leaf: str | None = None
    printed: str = ""
    file: str = ""
    lost: str | None = None

    def without_frames(self, lost: str) -> "Read":
        """The same of what the server knows alone; `lost` says why."""
        return msgspec.structs.replace(self, frames=0, lost=lost, forms=(), by_hand=False)


class LayOut(Struct, frozen=True, array_like=True, tag=True):
    """A DOT text follows, to be laid out."""

    format: LayoutFormat


class LaidOut(Struct, frozen=True, array_like=True):
    """A picture follows, if it is not said why there is none."""

    error: str | None


class Mistake(Struct, frozen=True, array_like=True):
    """An exception that only a mistake of ours raises, and where it was raised."""

    step: Step
    trace: Annotated[str, Meta(max_length=WORDS)]


class Answer(Struct, frozen=True, array_like=True, tag=True):
    """What the server must know of the answer that follows, or the problem that is one.

    `asked`: the program itself asked for the gradient. `spent`: another reader is to take the next.
    """

    status: Literal["finished", "raised", "stopped", "limit", "crashed", "running", "paused"]
    limits: list[Literal["time", "memory", "output", "events", "graph"]]
    queue_ms: float
    run_ms: float
    functions: int
    failures: dict[FailurePlace, int]
    mistakes: Annotated[list[Mistake], Meta(max_length=MAX_MISTAKES)]
    asked: bool = True
    spent: bool = False
    problem: Problem | None = None
    detail: Annotated[str, Meta(max_length=WORDS)] = ""


def pack_events(events: list[Event]) -> bytes:
    """Events of the server as the second frame of a `Read`."""
    return _encoder.encode(events)


def unpack_head(body: bytes) -> LayOut | Answer:
    """What a reader says; BrokenWire when it is nothing of the kind."""
    try:
        head: LayOut | Answer = _head.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BrokenWire(f"not an answer: {error}") from None
    return head


unpack_events = msgspec.msgpack.Decoder(list[Event]).decode
unpack_read = msgspec.msgpack.Decoder(Read).decode
_head = msgspec.msgpack.Decoder(LayOut | Answer)
unpack_laid_out = msgspec.msgpack.Decoder(LaidOut).decode
_encoder = msgspec.msgpack.Encoder()


def frame(body: bytes) -> bytes:
    """The body with its length."""
    return len(body).to_bytes(4, "little") + body


def pack(head: Struct, body: bytes) -> bytes:
    """A head and what follows it, as frames."""
    return frame(_encoder.encode(head)) + frame(body)
