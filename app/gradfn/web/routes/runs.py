"""`/api/v1/runs`: programs that run live: their events as they come, orders to them, questions.

The stream is Server-Sent Events in bytes that all watchers share. FastAPI's own would encode each
event for each watcher (docs/architecture.md).
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal

import msgspec
import structlog
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from gradfn.events.commands import MAX_EXPRESSION, Change, Command, Pause, Resume, Step, Stop
from gradfn.events.kinds import Event
from gradfn.events.live import MAX_CONTROLS, Control
from gradfn.model.document import Graph, RunDocument
from gradfn.model.stream import ViewState, finish_of, graph_of, streamed
from gradfn.run.live_run import DoesNotFit, LiveRun, NoAnswer
from gradfn.run.live_runs import LiveRuns
from gradfn.run.pool import PoolClosed, PoolFull
from gradfn.web.clients import client_of
from gradfn.web.explaining import Explainer
from gradfn.web.problems import (
    PROBLEMS,
    BadControl,
    Busy,
    Ending,
    NoSuchRun,
    NotAnswered,
    Problem,
    TooManyRuns,
    WrongState,
)
from gradfn.web.requests import LiveRequest, Text
from gradfn.web.routes.api import find_example
from gradfn.web.routes.metrics import Metrics
from gradfn.web.routes.pictures import with_picture
from gradfn.web.running import tell_run

router = APIRouter(prefix="/api/v1/runs", tags=["live runs"])
RUN_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (404, 409, 422)
}
RunId = Annotated[str, Path(max_length=100)]
STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


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


class CommandRequest(BaseModel):
    """`controls` and `speed` belong to `set`, `by` to `step`. `speed` is iterations a second."""

    model_config = ConfigDict(extra="forbid", strict=True)

    command: Literal["pause", "resume", "step", "stop", "set"]
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


class Accepted(BaseModel):
    """The command is on its way; what comes of it is in the events."""

    status: Literal["accepted"] = "accepted"


class Question(BaseModel):
    """A Python expression."""

    model_config = ConfigDict(extra="forbid", strict=True)

    expression: Annotated[Text, Field(min_length=1, max_length=MAX_EXPRESSION)]


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


class JsonStreamEncoder:
    """The events of one run in the words of the stream; its end is logged and counted too."""

    def __init__(self, run_id: str, explainer: Explainer, metrics: Metrics) -> None:
        self._run_id, self._explainer, self._metrics = run_id, explainer, metrics
        self._views: dict[int, ViewState] = {}

    def tell(self, event: Event) -> tuple[str, bytes, str | None] | None:
        told = streamed(event, self._views)
        return told and (told.name, msgspec.json.encode(told.value), told.slot)

    async def finish(self, events: list[Event], code: str) -> tuple[str, bytes]:
        document = await self._explainer.document(events, code)
        self._metrics.count_run(document, live=True)
        tell_run(document, self._run_id)
        told = finish_of(document)
        return told.name, msgspec.json.encode(told.value)


@router.post("", status_code=201, responses={**PROBLEMS, 404: {"model": Problem}})
async def create(request: Request, asked: LiveRequest, response: Response) -> Created:
    """Start a program that is watched while it runs."""
    state = request.app.state
    lives: LiveRuns = state.lives
    code = asked.code if asked.code is not None else find_example(asked.example or "").code
    program = asked.live_program(code, state.pool.limits)
    client = client_of(request)
    async with state.clients.admitted(request):
        most = state.pool.limits.client_live_runs
        if lives.running_of(client) >= most:
            raise TooManyRuns(f"{most} of your live runs have not ended.", 5)
        try:
            run = lives.start(program, client)
        except PoolFull as full:
            raise Busy(full.retry_seconds) from None
        except PoolClosed as closed:
            raise Ending(closed.retry_seconds) from None
    structlog.contextvars.bind_contextvars(run_id=run.id)
    address = f"/api/v1/runs/{run.id}"
    response.headers["Location"] = address
    links = {name: f"{address}/{name}" for name in ("events", "commands", "evaluate")}
    return Created(id=run.id, links=Links(self=address, **links))


@router.get(
    "/{run_id}", response_model=RunDocument, responses={**RUN_PROBLEMS, 429: {"model": Problem}}
)
async def read(
    request: Request,
    run_id: RunId,
    picture: Annotated[bool, Query(description="Add the drawn graph as SVG.")] = False,
    figures: Annotated[bool, Query(description="With those of matplotlib, as events have.")] = True,
) -> Response:
    """The run document as it stands now."""
    run = _find(request, run_id)
    explainer: Explainer = request.app.state.explainer
    async with request.app.state.clients.admitted(request):  # it may cost as much as a run
        document = await explainer.document(run.events, run.code, steps=True, status=_midway(run))
    timing = document.timing
    total_ms = round(timing.queue_ms + timing.run_ms, 3)
    document = replace(document, timing=replace(timing, total_ms=total_ms))
    if not figures:
        document = replace(document, figures=())
    if picture:
        document = await with_picture(request, document)
    return Response(msgspec.json.encode(document), media_type="application/json")


@router.get(
    "/{run_id}/events",
    response_class=StreamingResponse,
    responses={
        **RUN_PROBLEMS,
        200: {"content": {"text/event-stream": {}}, "description": "Server-Sent Events"},
        204: {"description": "The last event is known already: do not ask again"},
        503: {"model": Problem},
    },
)
async def events(
    request: Request,
    run_id: RunId,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
) -> Response:
    """What happens in the run, as it happens; `finished` is the last.

    With `Last-Event-ID` it goes on after that event. `state` and `views` may skip to the latest,
    `curve` has every point of the loss.
    """
    run = _find(request, run_id)
    lives: LiveRuns = request.app.state.lives
    if lives.watchers >= request.app.state.pool.limits.live_watchers:
        raise Busy(PoolFull.retry_seconds)
    if last_event_id and run.has_ended and run.log.place_of(last_event_id) == run.log.end:
        return Response(status_code=204)
    return StreamingResponse(
        _watch(request, run, last_event_id), media_type="text/event-stream", headers=STREAM
    )


@router.post(
    "/{run_id}/commands", status_code=202, responses={**RUN_PROBLEMS, 400: {"model": Problem}}
)
async def command(request: Request, run_id: RunId, asked: CommandRequest) -> Accepted:
    """Pause, resume, step, stop, or set controls."""
    run = _find(request, run_id)
    if asked.command == "set":
        for name, value in asked.controls.items():
            _check(run.controls.get(name), name, value)
    elif asked.controls or asked.speed is not None:
        raise BadControl("controls and speed belong to the command set.")
    try:
        run.order(_command(asked))
    except DoesNotFit as error:
        raise WrongState(f"The run {error}.") from None
    return Accepted()


@router.post("/{run_id}/evaluate", responses={**RUN_PROBLEMS, 400: {"model": Problem}})
async def evaluate(request: Request, run_id: RunId, asked: Question) -> Answer:
    """Evaluate an expression in the namespace of a run that is paused, or has ended."""
    run = _find(request, run_id)
    try:
        answered, printed = await run.ask(asked.expression)
    except DoesNotFit as error:
        raise WrongState(f"The run {error}.") from None
    except NoAnswer:
        raise NotAnswered(
            "The expression took too long and could not be interrupted, so the run was ended."
        ) from None
    failed = answered.error
    return Answer(
        repr=answered.repr,
        error=Failure(type=failed.type, message=failed.message) if failed else None,
        stdout=printed,
        graph=await asyncio.to_thread(graph_of, answered),
    )


@router.delete("/{run_id}", status_code=204, responses=RUN_PROBLEMS)
async def delete(request: Request, run_id: RunId) -> None:
    """End the run and forget it."""
    run = _find(request, run_id)
    await request.app.state.lives.remove(run)


def _midway(run: LiveRun) -> Literal["running", "paused"] | None:
    if run.has_ended:
        return None
    return "paused" if run.status == "paused" else "running"


async def _watch(request: Request, run: LiveRun, last_event_id: str | None) -> AsyncIterator[bytes]:
    gauge = request.app.state.metrics.watchers
    gauge.inc()
    try:
        async with run.watching():
            async for batch in run.batches(last_event_id):
                yield batch
    finally:
        gauge.dec()


def _find(request: Request, run_id: str) -> LiveRun:
    lives: LiveRuns = request.app.state.lives
    run = lives.get(run_id)
    if run is None:
        raise NoSuchRun("It never was, or it ended and is not kept any more.")
    structlog.contextvars.bind_contextvars(run_id=run.id)
    return run


def _check(control: Control | None, name: str, value: float) -> None:
    if control is None:
        raise BadControl(f"The program has no control {name[:100]!a}.")
    if control.kind == "int" and not float(value).is_integer():
        raise BadControl(f"{name[:100]} is an integer.")


def _command(asked: CommandRequest) -> Command:
    match asked.command:
        case "pause":
            return Pause()
        case "resume":
            return Resume()
        case "step":
            return Step(asked.by)
        case "stop":
            return Stop()
        case "set":
            return Change(asked.controls, asked.speed)
