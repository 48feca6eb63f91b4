"""What a client may ask for."""

from math import inf
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from gradfn.events.reading import MAX_ELEMENTS, MOST_BOXES, Choice
from gradfn.events.run import Program
from gradfn.events.source import normalised
from gradfn.events.values import MAX_VALUES
from gradfn.examples import EXAMPLE_OF, Example
from gradfn.run.limits import Limits
from gradfn.web.problems import NoSuchExample, SourceTooLarge

MAX_OPEN = 10_000
MAX_FIELDS, MAX_ITEMS = 200, 20_000  # of an object or list in a request; a sound one has less
MAX_SEED = 2**53 - 1  # a larger number is not the same to all who read JSON


def _encodable(text: str) -> str:
    """The text, if it is Unicode: JSON can smuggle in halves of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"a lone surrogate at character {error.start + 1}") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]
Source = Annotated[Text, AfterValidator(normalised)]  # all that read it count the same lines


def _whole(number: object) -> object:
    """To JSON 256.0 is an integer like any other."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Whole = BeforeValidator(_whole)


class Body(BaseModel):
    """A JSON object; one with more fields, or items in a field, than any sound one is not read."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _is_of_a_sound_size(cls, data: object) -> object:
        """An error for each of a million fields would take seconds."""
        if isinstance(data, dict):
            for part in (data, *data.values()):
                if isinstance(part, dict) and len(part) > MAX_FIELDS:
                    raise ValueError(f"more than {MAX_FIELDS} fields")
                if isinstance(part, list) and len(part) > MAX_ITEMS:
                    raise ValueError(f"more than {MAX_ITEMS:,} items")
        return data


class Options(Body):
    """How a program is run and what is reported of it."""

    max_values: Annotated[
        int,
        Field(ge=0, le=MAX_VALUES, description="List a tensor of at most so many elements."),
        Whole,
    ] = 256
    steps: Annotated[bool, Field(description="Report what changed at each executed line.")] = False
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
    cuda_on_cpu: Annotated[
        bool, Field(description='`.cuda()` and `device="cuda"` mean the CPU, with a note.')
    ] = False
    picture: Annotated[bool, Field(description="Add the drawn graph as SVG.")] = False
    by_hand: Annotated[bool, Field(description="Work the gradients out by hand.")] = False
    layout: Annotated[
        bool, Field(description="Add the drawn graph as numbers: places of boxes and paths.")
    ] = False


class PictureOptions(Options):
    """Which picture of the graph is drawn; none of it changes what is run."""

    fold: Annotated[
        bool | None,
        Field(description="false: node for node; true: folded; null: folded where it is large."),
    ] = None
    open: Annotated[
        list[Annotated[Text, Field(max_length=100)]] | None,
        Field(
            max_length=MAX_OPEN,
            description="Ids of the folds that are open; null: those of the larger structure.",
        ),
    ] = None
    depth: Annotated[
        int | None, Field(ge=0, le=100, description="All folds down to here are open."), Whole
    ] = None
    around: Annotated[
        Text | None,
        Field(max_length=200, description="A function or tensor, by id or name: its surroundings."),
    ] = None
    hops: Annotated[int, Field(ge=0, le=1_000, description="How far around it."), Whole] = 2
    paths: Annotated[
        list[Annotated[Text, Field(max_length=200)]] | None,
        Field(min_length=2, max_length=2, description="Two of them: what lies between."),
    ] = None
    boxes: Annotated[
        int, Field(ge=1, le=MAX_ELEMENTS, description="A picture with more is refused."), Whole
    ] = MOST_BOXES
    compact: Annotated[
        bool, Field(description="Of a tensor its name, value and gradient alone.")
    ] = False
    merged: Annotated[
        bool,
        Field(description="AccumulateGrad and functions that only reshape have no box."),
    ] = False

    @property
    def choice(self) -> Choice:
        """What of it the drawing needs to know."""
        return Choice(
            fold=self.fold,
            open=None if self.open is None else tuple(self.open),
            depth=self.depth,
            around=self.around,
            hops=self.hops,
            paths=None if self.paths is None else (self.paths[0], self.paths[1]),
            boxes=self.boxes,
            compact=self.compact,
            merged=self.merged,
        )


class FormatRequest(Body):
    """A program that is to be formatted, not run."""

    code: Source


class RunRequest(Body):
    """A program and how to run it."""

    code: Source
    options: PictureOptions = PictureOptions()

    def program(self, limits: Limits) -> Program:
        """What a child is sent; SourceTooLarge when the code is longer than it may be."""
        return program_of(self.code, self.options, limits)


class LayoutRequest(RunRequest):
    """A program, or a graph of it that is still kept, and how it is to be looked at."""

    graph: Annotated[
        Text | None,
        Field(
            max_length=100,
            description="`graph` of an earlier answer: the program runs only if it is gone.",
        ),
    ] = None


class BackpropRequest(LayoutRequest):
    """A program, and the pair that its gradient is worked out for by hand."""

    root: Annotated[
        Text | None,
        Field(
            max_length=200,
            description="Name or id to start from; default: what backward() was of.",
        ),
    ] = None
    leaf: Annotated[
        Text | None,
        Field(max_length=200, description="Name or id of a leaf; default: every leaf."),
    ] = None


def program_of(code: str, options: Options, limits: Limits) -> Program:
    """What a child is sent; SourceTooLarge when the code is longer than it may be."""
    check_size(code, limits)
    return Program(
        code=code,
        max_values=options.max_values,
        seed=options.seed,
        roots=options.roots,
        steps=options.steps,
        record=options.record,
        max_functions=limits.functions,
        max_figures=limits.figures,
        cuda_on_cpu=options.cuda_on_cpu,
        keep_files=options.picture or options.layout,
        wall_seconds=min((options.timeout_ms or inf) / 1e3, limits.wall_seconds),
    )


def check_size(code: str, limits: Limits) -> None:
    """SourceTooLarge when the code is longer than it may be."""
    size = len(code.encode())
    if size > limits.source_bytes:
        raise SourceTooLarge(
            f"The program has {size:,} bytes; {limits.source_bytes:,} is the most."
        )


def find_example(slug: str) -> Example:
    """The example of this name; NoSuchExample when there is none."""
    if (example := EXAMPLE_OF.get(slug)) is None:
        raise NoSuchExample("GET /api/v1/examples lists those there are.")
    return example
