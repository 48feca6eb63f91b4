"""What a client may ask of live runs, and the answers."""

from typing import Annotated, Literal, Self

from msgspec import structs
from pydantic import BaseModel, Field, model_validator

from gradfn.events.commands import (
    MAX_EXPRESSION,
    MAX_LINE,
    Change,
    Command,
    Enter,
    Pause,
    Resume,
    Step,
    Stop,
)
from gradfn.events.live import MAX_CONTROLS, Control
from gradfn.events.run import Live, Program
from gradfn.model.document import Graph
from gradfn.run.limits import Limits
from gradfn.web.problems import BadControl
from gradfn.web.requests import Body, Options, Source, Text, find_example, program_of


class LiveRequest(Body, BaseModel):
    """A program that runs live, or the name of an example, and how it begins."""

    code: Source | None = None
    example: Annotated[Text, Field(max_length=200)] | None = None
    options: Options = Options()
    controls: Annotated[
        dict[
            Annotated[Text, Field(max_length=200)],
            Annotated[float | int, Field(allow_inf_nan=False, ge=-(2**53), le=2**53)],
        ],
        Field(max_length=MAX_CONTROLS, description="Values that controls begin with."),
    ] = {}
    paused: Annotated[bool, Field(description="Pause before the first line.")] = False
    speed: Annotated[
        float | None,
        Field(ge=0, le=1e6, allow_inf_nan=False, description="Iterations a second; 0: unbounded."),
    ] = None

    @model_validator(mode="after")
    def _is_one_program(self) -> Self:
        if (self.code is None) == (self.example is None):
            raise ValueError("one of code and example is needed, and not both")
        return self

    def program(self, limits: Limits) -> Program:
        """What a child is sent; SourceTooLarge, or NoSuchExample."""
        code = self.code if self.code is not None else find_example(self.example or "").code
        program = program_of(code, self.options, limits.of_a_live_run)
        return structs.replace(
            program,
            steps=True,
            keep_files=True,
            record="full",  # its probes are where the program reads commands
            cpu_seconds=limits.live_cpu_seconds,
            live=Live(self.controls, self.paused, self.speed),
        )


class CommandRequest(Body, BaseModel):
    """`controls` and `speed` belong to `set`, `by` to `step`, `text` to `enter`.

    `speed` is iterations a second. `enter` is the line that the program reads; null ends its input.
    `leave` is said by a page that is closed: unless somebody watches, the run ends in seconds.
    """

    command: Literal["pause", "resume", "step", "stop", "set", "enter", "leave"]
    by: Literal["iteration", "line"] = "iteration"
    controls: Annotated[
        dict[
            Annotated[Text, Field(max_length=200)],
            Annotated[int, Field(ge=-(2**53), le=2**53)]
            | Annotated[float, Field(allow_inf_nan=False, ge=-(2**53), le=2**53)],
        ],
        Field(max_length=MAX_CONTROLS),
    ] = {}
    speed: Annotated[
        float | None, Field(ge=0, le=1e6, allow_inf_nan=False, description="0: unbounded.")
    ] = None
    text: Annotated[Text, Field(max_length=MAX_LINE)] | None = None

    def of(self, known: dict[str, Control]) -> Command:
        """The command; BadControl when it sets what cannot be set."""
        if self.command != "set" and (self.controls or self.speed is not None):
            raise BadControl("controls and speed belong to the command set.")
        match self.command:
            case "pause":
                return Pause()
            case "resume":
                return Resume()
            case "step":
                return Step(self.by)
            case "stop":
                return Stop()
            case "enter":
                return Enter(self.text)
            case "leave":
                raise ValueError("the program is not told")
            case "set":
                for name, value in self.controls.items():
                    _check(known.get(name), name, value)
                return Change(self.controls, self.speed)


class EvaluateRequest(Body):
    """A Python expression."""

    expression: Annotated[Text, Field(min_length=1, max_length=MAX_EXPRESSION)]


class Links(BaseModel):
    """Where to go on."""

    self: str
    events: str
    commands: str
    evaluate: str


class Created(BaseModel):
    """A live run."""

    id: str
    links: Links


class Accepted(BaseModel):
    """The command is on its way; what comes of it is in the events."""

    status: Literal["accepted"] = "accepted"


class Failure(BaseModel):
    """The exception that it ended in."""

    type: str
    message: str


class Answer(BaseModel):
    """`repr` is what Python's console shows, "" for None; `stdout` what was printed meanwhile."""

    repr: str | None
    error: Failure | None
    stdout: str
    graph: Graph | None


def _check(control: Control | None, name: str, value: float) -> None:
    if control is None:
        raise BadControl(f"The program has no control {name[:100]!a}.")
    if control.kind == "int" and not float(value).is_integer():
        raise BadControl(f"{name[:100]} is an integer.")
