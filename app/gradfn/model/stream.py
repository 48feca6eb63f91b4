"""What the events of a live run are to those who watch it: each a name, and a value for JSON."""

import base64
from array import array
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gradfn.events import kinds
from gradfn.events.kinds import Event
from gradfn.events.live import Control, Curve, ViewFound, ViewRead
from gradfn.events.values import Real, TensorValue
from gradfn.model.document import Diagnostic, Error, Figure, Graph, RunDocument, Status
from gradfn.model.fold import diagnostic_of, document_of, figure_of
from gradfn.model.publish import Publisher
from gradfn.model.recording import PassedFunction

# The graph is not at hand here: whoever has it looks an id that is not in it up in vain.
_publisher = Publisher({"function": lambda index: None if index is None else f"f{index + 1}"})


@dataclass(frozen=True, slots=True)
class Started:
    """The program runs."""


@dataclass(frozen=True, slots=True)
class Output:
    """A piece of what was printed, as it came."""

    text: str


@dataclass(frozen=True, slots=True)
class RootValue:
    """What the backward pass started from; `value` is null for one that is no scalar."""

    name: str
    value: Real | None


@dataclass(frozen=True, slots=True)
class ValueAndGrad:
    """A tensor now."""

    value: TensorValue | None
    grad: TensorValue | None


@dataclass(frozen=True, slots=True)
class ViewState:
    """What moves in a view: a line or a path, or the cells of a field, a byte each, as base64."""

    x: tuple[float | None, ...] | None = None
    y: tuple[float | None, ...] | None = None
    cells: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The latest backward pass. `iteration` counts them from 0, `views` is by place in `Views`."""

    iteration: int
    line: int | None
    root: RootValue
    parameters: dict[str, ValueAndGrad]
    scalars: dict[str, Real]
    views: dict[str, ViewState]


@dataclass(frozen=True, slots=True)
class Controls:
    """What can be set; `speed` is iterations a second, null as the program has it."""

    controls: tuple[Control, ...]
    speed: float | None


@dataclass(frozen=True, slots=True)
class View:
    """A picture of the training, and what stands still in it: points, or the cells of a surface.

    `extent` is left, right, bottom, top. `cells` are base64, `columns` of them in a row, the
    lowest row first; their bytes 0 and 255 are `low` and `high`.
    """

    kind: Literal["fit", "classes", "surface"]
    title: str
    across: str
    up: str
    extent: tuple[float, float, float, float]
    x: tuple[float | None, ...]
    y: tuple[float | None, ...]
    labels: tuple[int, ...]
    columns: int
    cells: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Views:
    """All views of the program."""

    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class PausedAt:
    """The run waits before this line; `asks`: in it, for a line of input."""

    line: int | None
    iteration: int | None
    asks: bool


@dataclass(frozen=True, slots=True)
class Resumed:
    """The run goes on."""


@dataclass(frozen=True, slots=True)
class GraphChanged:
    """The graph looks new, and has so many functions: the run document has it."""

    iteration: int | None
    shape: int | None
    functions: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Values of a later pass in the graph of this `shape`, by the ids of the run document."""

    iteration: int
    shape: int
    tensors: dict[str, ValueAndGrad]
    root_values: tuple[TensorValue | None, ...]
    functions: tuple[PassedFunction, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How the run ended: the last event."""

    status: Status
    error: Error | None


@dataclass(frozen=True, slots=True)
class Reset:
    """What was received so far is of no use: the stream begins anew."""

    why: str


@dataclass(frozen=True, slots=True)
class StreamEvents:
    """What the events of a live run carry, by the name of the event."""

    started: Started
    stdout: Output
    stderr: Output
    state: State
    curve: Curve
    controls: Controls
    views: Views
    paused: PausedAt
    resumed: Resumed
    figure: Figure
    diagnostic: Diagnostic
    graph: GraphChanged
    moved: Moved
    finished: Ended
    reset: Reset


class Streamed(NamedTuple):
    """An event of the stream. One with a slot takes the place of the one before it there."""

    name: str
    value: object
    slot: str | None = None


def streamed(event: Event, views: dict[int, ViewState]) -> Streamed | None:
    """What watchers are sent for it, None if nothing; `views` keeps what moved last in each."""
    match event:
        case kinds.Wrote(stream=stream, text=text):
            return Streamed(stream, Output(text))
        case kinds.TrainingRead():
            views.update({each.view: _view_state(each) for each in event.views})
            return Streamed("state", _state(event, views), "state")
        case kinds.ControlsFound(controls=controls, speed=speed):
            return Streamed("controls", Controls(tuple(controls), speed), "controls")
        case kinds.ViewsFound(views=found):
            views.clear()
            return Streamed("views", Views(tuple(map(_view, found))), "views")
        case kinds.FigureDrawn():
            return Streamed("figure", figure_of(event))
        case kinds.Warned():
            return Streamed("diagnostic", diagnostic_of(event))
        case kinds.Paused(line=line, iteration=iteration, asks=asks):
            return Streamed("paused", PausedAt(line, iteration, asks))
        case kinds.Resumed():
            return Streamed("resumed", Resumed())
        case kinds.GraphRead(walked=walked, iteration=iteration, shape=shape):
            return Streamed("graph", _graph_changed(walked, iteration, shape), "graph")
        case kinds.GraphMoved():
            return Streamed("moved", _moved(event), "moved")
        case kinds.GraphWalked():
            return Streamed("graph", _graph_changed(event), "graph")
    return None


def finish_of(document: RunDocument) -> Streamed:
    """The last event: how the run ended."""
    return Streamed("finished", Ended(document.status, document.error))


def graph_of(answered: kinds.Answered) -> Graph | None:
    """The graph of an answer that has one."""
    if answered.walked is None or answered.read is None:
        return None
    return document_of([answered.walked, answered.read]).graph


def _state(event: kinds.TrainingRead, views: dict[int, ViewState]) -> State:
    return State(
        iteration=event.iteration,
        line=event.line,
        root=RootValue(event.root, event.value),
        parameters={
            each.name or f"leaf {position + 1}": ValueAndGrad(each.value, each.grad)
            for position, each in enumerate(event.parameters)
        },
        scalars=event.scalars,
        views={str(number): view for number, view in views.items()},
    )


def _graph_changed(
    walked: kinds.GraphWalked, iteration: int | None = None, shape: int | None = None
) -> GraphChanged:
    return GraphChanged(iteration, shape, len(walked.kind_of) // 4)


def _moved(event: kinds.GraphMoved) -> Moved:
    return Moved(
        iteration=event.iteration,
        shape=event.shape,
        tensors={
            f"t{each.tensor + 1}": ValueAndGrad(each.value, each.grad) for each in event.tensors
        },
        root_values=tuple(event.root_values),
        functions=_publisher.all(PassedFunction, event.passed),
    )


def _view_state(seen: ViewRead) -> ViewState:
    return ViewState(
        x=_numbers(seen.x) if seen.x else None,
        y=_numbers(seen.y) if seen.x else None,
        cells=_base64(seen.cells) if seen.cells else None,
    )


def _view(found: ViewFound) -> View:
    labels = array("i")
    labels.frombytes(found.labels[: len(found.labels) // 4 * 4])
    return View(
        kind=found.kind,
        title=found.title,
        across=found.across,
        up=found.up,
        extent=found.extent,
        x=_numbers(found.x),
        y=_numbers(found.y),
        labels=tuple(labels),
        columns=found.columns,
        cells=_base64(found.cells),
        low=found.low,
        high=found.high,
    )


def _numbers(raw: bytes) -> tuple[float | None, ...]:
    """A column as JSON has it: six digits are more than a screen shows, null is not finite."""
    numbers = array("d")
    numbers.frombytes(raw[: len(raw) // 8 * 8])
    return tuple(float(f"{each:.6g}") if each - each == 0 else None for each in numbers)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
