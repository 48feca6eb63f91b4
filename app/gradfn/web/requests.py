"""What a client may ask for."""

from math import inf
from typing import Annotated, Literal, Self

from msgspec import structs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from gradfn.events.kinds import Live, Program
from gradfn.events.live import MAX_CONTROLS
from gradfn.events.values import MAX_VALUES
from gradfn.run.limits import Limits
from gradfn.web.problems import SourceTooLarge

MAX_SEED = 2**53 - 1  # a larger number is not the same to all who read JSON


def _encodable(text: str) -> str:
    """The text, if it is Unicode: JSON can smuggle in halves of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"a lone surrogate at character {error.start + 1}") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]


def _whole(number: object) -> object:
    """To JSON 256.0 is an integer like any other."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Whole = BeforeValidator(_whole)


class Options(BaseModel):
    """How a program is run and what is told of it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    max_values: Annotated[
        int,
        Field(ge=0, le=MAX_VALUES, description="List a tensor of at most so many elements."),
        Whole,
    ] = 256
    steps: Annotated[bool, Field(description="Tell what changed at each executed line.")] = False
    seed: Annotated[
        int | None,
        Field(ge=0, le=MAX_SEED, description="Seed torch, numpy and random."),
        Whole,
    ] = None
    timeout_ms: Annotated[
        int | None,
        Field(ge=1, le=2**31, description="Capped by the server's own limit."),
        Whole,
    ] = None
    roots: Annotated[
        list[Annotated[Text, Field(max_length=200)]] | None,
        Field(max_length=100, description="Names to walk from; default: everything alive."),
    ] = None
    record: Annotated[
        Literal["full", "graph"], Field(description="`graph`: no more than the graph at the end.")
    ] = "full"
    picture: Annotated[bool, Field(description="Add the drawn graph as SVG.")] = False


class RunRequest(BaseModel):
    """A program and how to run it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Text
    options: Options = Options()

    def program(self, limits: Limits) -> Program:
        """What a child is told; SourceTooLarge when the code is longer than it may be."""
        return _program(self.code, self.options, limits)


class LiveRequest(BaseModel):
    """A program that runs live, or the name of an example, and how it begins."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Text | None = None
    example: Annotated[Text, Field(max_length=200)] | None = None
    options: Options = Options()
    controls: Annotated[
        dict[
            Annotated[Text, Field(max_length=200)],
            Annotated[float | int, Field(allow_inf_nan=False, ge=-(2**53), le=2**53)],
        ],
        Field(max_length=MAX_CONTROLS, description="Values that controls begin with."),
    ] = {}
    paused: Annotated[bool, Field(description="Hold before the first line.")] = False
    speed: Annotated[
        float | None,
        Field(ge=0, le=1e6, allow_inf_nan=False, description="Iterations a second; 0: unbounded."),
    ] = None

    @model_validator(mode="after")
    def _is_one_program(self) -> Self:
        if (self.code is None) == (self.example is None):
            raise ValueError("one of code and example is needed, and not both")
        return self

    def live_program(self, code: str, limits: Limits) -> Program:
        """What a child is told; SourceTooLarge when the code is longer than it may be."""
        program = _program(code, self.options, limits.of_a_live_run)
        return structs.replace(
            program,
            steps=True,
            record="full",  # else there is nobody who looks for orders
            cpu_seconds=limits.live_cpu_seconds,
            live=Live(self.controls, self.paused, self.speed),
        )


class BackpropRequest(RunRequest):
    """A program, and the pair that its gradient is worked out for by hand."""

    root: Annotated[
        Text | None,
        Field(max_length=200, description="Name to start from; default: what backward() was of."),
    ] = None
    leaf: Annotated[
        Text | None, Field(max_length=200, description="Name of a leaf; default: every leaf.")
    ] = None


def _program(code: str, options: Options, limits: Limits) -> Program:
    size = len(code.encode())
    if size > limits.source_bytes:
        raise SourceTooLarge(
            f"The program has {size:,} bytes; {limits.source_bytes:,} is the most."
        )
    return Program(
        code=code,
        max_values=options.max_values,
        seed=options.seed,
        roots=options.roots,
        steps=options.steps,
        record=options.record,
        max_functions=limits.functions,
        max_figures=limits.figures,
        wall_seconds=min((options.timeout_ms or inf) / 1e3, limits.wall_seconds),
    )
