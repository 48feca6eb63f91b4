"""What is asked of readers, and what becomes of their answers: bytes, or a problem."""

from typing import Any, Literal

import structlog
from fastapi import Request, Response

from gradfn.events.reading import Answer, Ran, Read
from gradfn.run.pool import PoolFull
from gradfn.run.reading.helpers import NoHelper
from gradfn.run.reading.readers import Readers
from gradfn.web.clients import client_of
from gradfn.web.metrics import Metrics
from gradfn.web.problems import Busy, NoAnswer, NoSuchFile, NotDrawn, NotInThisGraph, TooManyToDraw
from gradfn.web.requests import RunRequest

log = structlog.get_logger("gradfn.run")
PictureForm = Literal["svg", "layout"]
PROBLEM_OF = {
    "not drawn": NotDrawn,
    "not in the graph": NotInThisGraph,
    "too many": TooManyToDraw,
    "too long": NoAnswer,
    "no such file": NoSuchFile,
}


def read_of(
    ran: Ran,
    body: RunRequest,
    what: Literal["document", "picture", "layout", "backprop"],
    **more: Any,
) -> Read:
    """What the request asks of its run."""
    options = body.options
    return Read(
        what,
        body.code,
        ran.limits,
        len(ran.frames),
        steps=options.steps,
        roots=options.roots,
        by_hand=options.by_hand,
        choice=options.choice,
        **more,
    )


def forms_of(*, picture: bool, layout: bool) -> tuple[PictureForm, ...]:
    """What a document is asked to have of its drawn graph."""
    asked: dict[PictureForm, bool] = {"svg": picture, "layout": layout}
    return tuple(form for form, wanted in asked.items() if wanted)


async def answer_to(request: Request, ran: Ran, read: Read) -> tuple[Answer, bytes]:
    """What a reader makes of the run; Busy when there is none, or the problem that it met."""
    readers: Readers = request.app.state.readers
    try:
        answer, body = await readers.read(ran, read, client_of(request))
    except NoHelper:
        raise Busy(PoolFull.retry_seconds) from None
    count_mistakes(request.app.state.metrics, answer)
    if answer.problem is not None:
        raise PROBLEM_OF[answer.problem](answer.detail)
    return answer, body


def as_file(data: bytes) -> Response:
    """What a program wrote: whatever is in it, it is saved and never shown as a page of ours."""
    headers = {"Content-Disposition": "attachment"}
    return Response(data, media_type="application/octet-stream", headers=headers)


def count_mistakes(metrics: Metrics, answer: Answer) -> None:
    """Count and log exceptions that only mistakes of ours raise."""
    for mistake in answer.mistakes:
        metrics.mistake(mistake.step, mistake.trace)


def count_and_log(metrics: Metrics, answer: Answer, run_id: str, *, live: bool = False) -> None:
    """Count the run and log how it went, and nothing of what the program is or says."""
    metrics.count_run(answer, live=live)
    if answer.failures:
        metrics.count_recorder_failures(answer.failures)
        log.error("recorder failed", run_id=run_id, places=answer.failures)
    log.info(
        "ran",
        run_id=run_id,
        status=answer.status,
        limits=answer.limits,
        queue_ms=answer.queue_ms,
        run_ms=answer.run_ms,
        functions=answer.functions,
    )
