"""A run: the program that is asked for, what it prints, raises and draws, and how it ends."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, structs

from gradfn.events.graph import MAX_FUNCTIONS
from gradfn.events.values import MAX_VALUES, Amount, Count, Line, Name, Names, Part, Record, Text


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a traceback in the user's program."""

    function: Name
    line: Line
    code: Text


class Live(Part, frozen=True):
    """How a live run begins. `speed` is iterations a second, null as the program has it."""

    controls: dict[Name, float | int] = msgspec.field(default_factory=dict)
    paused: bool = False
    speed: Amount | None = None


class Program(Record, frozen=True):
    """The program that a child runs, and how. Commands may follow (`gradfn.events.commands`)."""

    code: str
    max_values: Annotated[int, Meta(ge=0, le=MAX_VALUES)] = 256
    seed: int | None = None
    roots: Names | None = None
    steps: bool = False
    record: Literal["full", "graph"] = "full"
    max_functions: Annotated[int, Meta(ge=1, le=MAX_FUNCTIONS)] = 100_000
    max_figures: Count = 50
    wall_seconds: Amount = 3600
    cpu_seconds: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 3600
    live: Live | None = None
    cuda_on_cpu: bool = False
    keep_files: bool = False  # what it writes is sent along, for the run is kept

    def within(self, cpu_seconds: int) -> "Program":
        """The same program with another limit of CPU time."""
        return structs.replace(self, cpu_seconds=cpu_seconds)


class Warned(Record, frozen=True):
    """A warning was shown; `line` is the user's, null when it arose elsewhere."""

    category: Name
    message: Text
    line: Line | None


class Evaluated(Record, frozen=True):
    """The program ended in a bare expression; this is the repr of its value."""

    repr: Text


class Raised(Record, frozen=True):
    """An exception left the program, or it could not be compiled (`syntax`).

    `memory` and `time`: the exception was a limit's. `line` is the user's line in the
    outermost frame, `column` counts from 1.
    """

    kind: Literal["exception", "syntax", "memory", "time"]
    type: Name
    message: Text
    line: Line | None
    column: Count | None
    traceback: Annotated[list[Frame], Meta(max_length=100)]


class FigureDrawn(Record, frozen=True):
    """matplotlib was asked to show a figure; `line` asked."""

    format: Literal["svg", "png"]
    data: Annotated[bytes, Meta(max_length=4_000_000)]
    line: Line | None


class FileWritten(Record, frozen=True):
    """A file that the program wrote and left; `data` only of one that can be fetched."""

    name: Name
    size: Count
    data: Annotated[bytes, Meta(max_length=4_000_000)] | None


class Substituted(Record, frozen=True):
    """Something that this machine has not was done in another way; `line` asked for it."""

    what: Literal["cuda", "compile", "workers", "processes"]
    line: Line | None


class Finished(Record, frozen=True):
    """The last event: what the program used, above what an idle child uses."""

    cpu_ms: Amount
    peak_memory_mb: Amount


class Printed(Record, frozen=True):
    """Text on stdout or stderr; `truncated` when more was written than is kept."""

    stream: Literal["stdout", "stderr"]
    text: str
    truncated: bool


class Wrote(Record, frozen=True):
    """A piece of stdout or stderr, as it came; only the parent adds it."""

    stream: Literal["stdout", "stderr"]
    text: str


class LimitReached(Record, frozen=True):
    """A limit ended the run, or (`graph`) cut what is shown. `message` has number and unit."""

    limit: Literal["time", "memory", "output", "events", "graph"]
    message: str


class Crashed(Record, frozen=True):
    """The child went away by itself, or was killed for what it tried (`forbidden`)."""

    kind: Literal["crash", "forbidden"]
    message: str


class Timed(Record, frozen=True):
    """How long a run waited for a child and how long it then took, in milliseconds."""

    queue_ms: float
    run_ms: float
