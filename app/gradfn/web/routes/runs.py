"""`/api/v1/runs`: programs that run live: their events as they come, commands, expressions.

The stream is Server-Sent Events in bytes that all watchers share. FastAPI's own would encode each
event for each watcher (docs/architecture.md).
"""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from gradfn.events.reading import Choice, Read
from gradfn.model.document import RunDocument
from gradfn.run.live.evaluations import NotAnswered
from gradfn.run.live.live_run import InvalidState, LiveRun
from gradfn.run.live.live_runs import LiveRuns
from gradfn.run.pool import PoolClosed, PoolFull
from gradfn.web.clients import client_of
from gradfn.web.kept_runs import KeptRuns
from gradfn.web.live.documents import LiveDocuments, ran_of
from gradfn.web.live.owners import check_owner, give_secret
from gradfn.web.live.requests import (
    Accepted,
    Answer,
    CommandRequest,
    Created,
    EvaluateRequest,
    Links,
    LiveRequest,
)
from gradfn.web.middleware.answers import hold
from gradfn.web.problems import (
    PROBLEMS,
    Busy,
    Ending,
    NoAnswer,
    NoSuchFile,
    NoSuchRun,
    Problem,
    TooManyRuns,
    WrongState,
)
from gradfn.web.reading import PictureForm, answer_to, as_file, forms_of
from gradfn.web.running import while_connected

router = APIRouter(prefix="/api/v1/runs", tags=["live runs"])
RUN_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem} for status in (404, 409, 422)
}
OWNER_PROBLEMS: dict[int | str, dict[str, Any]] = {**RUN_PROBLEMS, 403: {"model": Problem}}
Owner = Annotated[
    str | None, Header(max_length=100, description="The secret that its start was answered with.")
]
RunId = Annotated[str, Path(max_length=100)]
STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.post("", status_code=201, responses={**PROBLEMS, 404: {"model": Problem}})
async def create(request: Request, body: LiveRequest, response: Response) -> Created:
    """Start a program that is watched while it runs.

    To command it takes the `Gradfn-Owner` of the answer, as a header or as the cookie.
    """
    state = request.app.state
    live_runs: LiveRuns = state.live_runs
    program = body.program(state.pool.limits)
    client = client_of(request)
    async with state.clients.admitted(request):
        most = state.pool.limits.client_live_runs
        if live_runs.running_of(client) >= most:
            raise TooManyRuns(f"{most} of your live runs have not ended.", 5)
        try:
            run = live_runs.start(program, client, give_secret(request, response))
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
    layout: Annotated[bool, Query(description="Add the drawn graph as numbers.")] = False,
    figures: Annotated[bool, Query(description="With those of matplotlib, as events have.")] = True,
    compact: Annotated[bool, Query(description="Brief boxes, as in the options of a run.")] = False,
    merged: Annotated[bool, Query(description="Fewer boxes, as in the options of a run.")] = False,
) -> Response:
    """The run document as it stands now."""
    run = _find(request, run_id)
    documents: LiveDocuments = request.app.state.live_documents
    await hold(request, request.app.state.clients.admitted(request))  # it may cost as much as a run
    forms = forms_of(picture=picture, layout=layout)
    document = await documents.read(
        run,
        (picture, layout, figures, compact, merged),
        lambda: _encode_document(
            request, run, forms, Choice(compact=compact, merged=merged), figures=figures
        ),
    )
    return Response(document, media_type="application/json")


@router.get(
    "/{run_id}/files/{name:path}",
    response_class=Response,
    responses={**RUN_PROBLEMS, 200: {"content": {"application/octet-stream": {}}}},
)
async def read_file(
    request: Request, run_id: RunId, name: Annotated[str, Path(max_length=200)]
) -> Response:
    """A file that the program wrote, when it has ended."""
    data = _find(request, run_id).file(name)
    if data is None:
        raise NoSuchFile("`files` of the run document lists them; those that are kept can be read.")
    return as_file(data)


@router.get(
    "/{run_id}/events",
    response_class=StreamingResponse,
    responses={
        **RUN_PROBLEMS,
        200: {"content": {"text/event-stream": {}}, "description": "Server-Sent Events"},
        204: {"description": "The last event is known already: do not ask again"},
        429: {"model": Problem},
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
    live_runs: LiveRuns = request.app.state.live_runs
    if live_runs.watchers >= request.app.state.pool.limits.live_watchers:
        raise Busy(PoolFull.retry_seconds)
    if last_event_id and run.stream.has_nothing_after(last_event_id):
        return Response(status_code=204)
    await hold(request, request.app.state.clients.watching(request))
    return StreamingResponse(
        _watch(request, run, last_event_id), media_type="text/event-stream", headers=STREAM
    )


@router.post(
    "/{run_id}/commands", status_code=202, responses={**OWNER_PROBLEMS, 400: {"model": Problem}}
)
async def command(
    request: Request, run_id: RunId, body: CommandRequest, gradfn_owner: Owner = None
) -> Accepted:
    """Pause, resume, step, stop, or set controls; `leave` ends a run that nobody watches soon."""
    run = _find_own(request, run_id)
    if body.command == "leave":
        run.watchers.leave()
        return Accepted()
    try:
        run.send(body.of(run.controls))
    except InvalidState as error:
        raise WrongState(f"The run {error}.") from None
    return Accepted()


@router.post(
    "/{run_id}/evaluate",
    response_model=Answer,
    responses={**OWNER_PROBLEMS, 400: {"model": Problem}},
)
async def evaluate(
    request: Request, run_id: RunId, body: EvaluateRequest, gradfn_owner: Owner = None
) -> Response:
    """Evaluate an expression in the namespace of a run that is paused, or has ended."""
    run = _find_own(request, run_id)
    try:
        answered, printed = await run.evaluate(body.expression)
    except InvalidState as error:
        raise WrongState(f"The run {error}.") from None
    except NotAnswered as error:
        raise NoAnswer(str(error)) from None
    ran = ran_of([answered], run)
    read = Read("evaluated", run.code, ran.limits, 0, printed=printed)
    _, answer = await while_connected(request, answer_to(request, ran, read))
    return Response(answer, media_type="application/json")


@router.delete("/{run_id}", status_code=204, responses=OWNER_PROBLEMS)
async def delete(request: Request, run_id: RunId, gradfn_owner: Owner = None) -> None:
    """End the run and forget it."""
    run = _find_own(request, run_id)
    await request.app.state.live_runs.remove(run)


async def _encode_document(
    request: Request,
    run: LiveRun,
    forms: Sequence[PictureForm],
    choice: Choice,
    *,
    figures: bool,
) -> bytes:
    ran = ran_of(run.events(), run)
    kept: KeptRuns = request.app.state.kept_runs
    read = Read(
        "document",
        run.code,
        ran.limits,
        0,
        steps=True,
        figures=figures,
        status=_status_before_end(run),
        forms=tuple(forms),
        choice=choice,
        name=kept.keep(ran) if forms else None,
    )
    _, document = await answer_to(request, ran, read)
    return document


def _status_before_end(run: LiveRun) -> Literal["running", "paused"] | None:
    if run.has_ended:
        return None
    return "paused" if run.status == "paused" else "running"


async def _watch(request: Request, run: LiveRun, last_event_id: str | None) -> AsyncIterator[bytes]:
    gauge = request.app.state.metrics.watchers
    gauge.inc()
    try:
        with run.watchers.watching():
            async for batch in run.stream.batches(last_event_id):
                yield batch
    finally:
        gauge.dec()


def _find_own(request: Request, run_id: str) -> LiveRun:
    run = _find(request, run_id)
    check_owner(request, run)
    return run


def _find(request: Request, run_id: str) -> LiveRun:
    live_runs: LiveRuns = request.app.state.live_runs
    run = live_runs.get(run_id)
    if run is None:
        raise NoSuchRun("It never was, or it ended and is not kept any more.")
    structlog.contextvars.bind_contextvars(run_id=run.id)
    return run
