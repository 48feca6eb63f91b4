"""What a client may ask for."""

from math import inf
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from app.events.kinds import MAX_VALUES, Program
from app.run.limits import Limits
from app.web.problems import SourceTooLarge

MAX_SEED = 2**63 - 1


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
        size = len(self.code.encode())
        if size > limits.source_bytes:
            raise SourceTooLarge(
                f"The program has {size:,} bytes; {limits.source_bytes:,} is the most."
            )
        options = self.options
        return Program(
            code=self.code,
            max_values=options.max_values,
            seed=options.seed,
            roots=options.roots,
            steps=options.steps,
            record=options.record,
            max_functions=limits.functions,
            max_figures=limits.figures,
            wall_seconds=min((options.timeout_ms or inf) / 1e3, limits.wall_seconds),
        )
