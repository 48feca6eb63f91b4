"""The commands of a live run: the records that are sent to a child after its program."""

from typing import Annotated, Literal

from msgspec import Meta

from gradfn.events.live import MAX_CONTROLS
from gradfn.events.values import Count, Name, Record

MAX_EXPRESSION = MAX_LINE = 2_000  # characters
MAX_COMMAND_BYTES = 16_384
By = Literal["iteration", "line"]


class Pause(Record, frozen=True):
    """Pause before the next line."""


class Resume(Record, frozen=True):
    """Continue."""


class Step(Record, frozen=True):
    """Continue to the next line, or the next iteration after a backward pass, and pause there."""

    by: By = "iteration"


class Stop(Record, frozen=True):
    """End before the next line, and report what there is."""


class Change(Record, frozen=True):
    """Give controls new values; `speed` is iterations a second, 0 as fast as it goes."""

    controls: Annotated[dict[Name, float | int], Meta(max_length=MAX_CONTROLS)]
    speed: float | None = None


class Enter(Record, frozen=True):
    """The line that the program asked for; null: there is no more input."""

    text: Annotated[str, Meta(max_length=MAX_LINE)] | None


class Ask(Record, frozen=True):
    """Evaluate an expression; the answer has the same number."""

    number: Count
    expression: Annotated[str, Meta(max_length=MAX_EXPRESSION)]


Command = Pause | Resume | Step | Stop | Change | Enter | Ask
