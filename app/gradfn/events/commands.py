"""What a live run can be told: the records that travel towards a child, after its program."""

from typing import Annotated, Literal

from msgspec import Meta

from gradfn.events.live import MAX_CONTROLS
from gradfn.events.values import Count, Name, Record

MAX_EXPRESSION = 2_000  # characters
MAX_COMMAND_BYTES = 16_384
By = Literal["iteration", "line"]


class Pause(Record, frozen=True):
    """Stand before the next line."""


class Resume(Record, frozen=True):
    """Go on."""


class Step(Record, frozen=True):
    """Go on to the next line, or to the next iteration after a backward pass, and stand there."""

    by: By = "iteration"


class Stop(Record, frozen=True):
    """End before the next line, and tell what there is."""


class Change(Record, frozen=True):
    """Give controls new values; `speed` is iterations a second, 0 as fast as it goes."""

    controls: Annotated[dict[Name, float | int], Meta(max_length=MAX_CONTROLS)]
    speed: float | None = None


class Ask(Record, frozen=True):
    """Evaluate an expression; the answer bears the same number."""

    number: Count
    expression: Annotated[str, Meta(max_length=MAX_EXPRESSION)]


Command = Pause | Resume | Step | Stop | Change | Ask
