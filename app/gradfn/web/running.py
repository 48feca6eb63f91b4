"""From a sound request to the run document, as long as somebody waits for it."""

import asyncio
import secrets
import time
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

import structlog
from fastapi import Request

from gradfn.events.kinds import Event, RecorderFailed
from gradfn.model.document import RunDocument
from gradfn.run.pool import Pool, PoolClosed, PoolFull
from gradfn.web.clients import client_of
from gradfn.web.explaining import Explainer
from gradfn.web.metrics import Metrics
from gradfn.web.middleware.answers import hold
from gradfn.web.problems import Busy, ClientGone, Ending
from gradfn.web.requests import RunRequest

log = structlog.get_logger("gradfn.run")
T = TypeVar("T")


async def run_for(request: Request, body: RunRequest, *, explain: bool = True) -> RunDocument:
    """The document of the run; a picture shows nothing of what explaining would add.

    TooManyRuns or Busy when there is no place for it, Ending when the server ends before it,
    ClientGone when the client left.
    """
    started = time.perf_counter()
    run_id = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(run_id=run_id)
    await admit(request)
    events, document = await while_connected(request, _run(request, body, explain=explain))
    count_and_log(request.app.state.metrics, events, document, run_id)
    total_ms = round((time.perf_counter() - started) * 1e3, 3)
    return replace(document, timing=replace(document.timing, total_ms=total_ms))


async def admit(request: Request) -> None:
    """A place for the client's request, until its answer is taken; one for all that it runs."""
    if not getattr(request.state, "is_admitted", False):
        await hold(request, request.app.state.clients.admitted(request))
        request.state.is_admitted = True


def count_and_log(
    metrics: Metrics, events: list[Event], document: RunDocument, run_id: str, *, live: bool = False
) -> None:
    """Count the run and log how it went, and nothing of what the program is or says."""
    metrics.count_run(document, live=live)
    failed = next((event.counts for event in events if isinstance(event, RecorderFailed)), None)
    if failed is not None:
        metrics.count_recorder_failures(failed)
        log.error("recorder failed", run_id=run_id, places=failed)
    log.info(
        "ran",
        run_id=run_id,
        status=document.status,
        limits=list(document.limits.reached),
        queue_ms=document.timing.queue_ms,
        run_ms=document.timing.run_ms,
        functions=len(document.graph.functions),
    )


async def _run(
    request: Request, body: RunRequest, *, explain: bool
) -> tuple[list[Event], RunDocument]:
    """Its place is kept until it is explained, so that few runs are in memory at once."""
    pool: Pool = request.app.state.pool
    program = body.program(pool.limits)
    try:
        async with pool.place(client_of(request)) as queued:
            async with aclosing(pool.run(program, queued)) as running:
                events = [event async for event in running]
            return events, await _document(request, events, body, explain=explain)
    except PoolFull as full:
        raise Busy(full.retry_seconds) from None
    except PoolClosed as closed:
        raise Ending(closed.retry_seconds) from None


async def _document(
    request: Request, events: list[Event], body: RunRequest, *, explain: bool
) -> RunDocument:
    explainer: Explainer = request.app.state.explainer
    options = body.options
    return await explainer.document(
        events,
        body.code,
        client_of(request),
        steps=options.steps,
        roots=options.roots,
        explain=explain,
        by_hand=options.by_hand,
    )


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What the work gives; it is cancelled when the client goes away."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnect(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            leaving.result()  # a body that is too large, it may be
            raise ClientGone
        return working.result()
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
