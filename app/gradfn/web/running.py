"""From a sound request to its answer, as long as somebody waits for it."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog
from fastapi import Request

from gradfn.events.reading import Answer, Ran, Read
from gradfn.run.pool import Pool, PoolClosed, PoolFull
from gradfn.web.clients import client_of
from gradfn.web.kept_runs import KeptRuns
from gradfn.web.middleware.answers import hold
from gradfn.web.problems import Busy, ClientGone, Ending
from gradfn.web.reading import answer_to, count_and_log
from gradfn.web.requests import LayoutRequest, RunRequest

T = TypeVar("T")


async def run_and_read(
    request: Request, body: RunRequest, read: Callable[[Ran], Read]
) -> tuple[Answer, bytes]:
    """Run the program, and what a reader makes of it.

    TooManyRuns or Busy when there is no place for it, Ending when the server ends before it,
    ClientGone when the client left, or the problem that the reader met.
    """
    run_id = secrets.token_hex(8)
    structlog.contextvars.bind_contextvars(run_id=run_id)
    await admit(request)
    answer, made = await while_connected(request, _run_and_read(request, body, read))
    count_and_log(request.app.state.metrics, answer, run_id)
    return answer, made


async def read_kept(
    request: Request, body: LayoutRequest, read: Callable[[Ran], Read]
) -> tuple[Answer, bytes]:
    """The same of the run that the request names, if it is kept; else it runs again."""
    kept: KeptRuns = request.app.state.kept_runs
    ran = kept.find(body.graph, body.code)
    if ran is None:
        return await run_and_read(request, body, read)
    await admit(request)  # it counts like a run
    return await while_connected(request, answer_to(request, ran, read(ran)))


async def admit(request: Request) -> None:
    """A place for the client's request, until its answer is taken; one for all that it runs."""
    if not getattr(request.state, "is_admitted", False):
        await hold(request, request.app.state.clients.admitted(request))
        request.state.is_admitted = True


async def _run_and_read(
    request: Request, body: RunRequest, read: Callable[[Ran], Read]
) -> tuple[Answer, bytes]:
    """Its place is kept until it is read, so that few runs are in memory at once."""
    pool: Pool = request.app.state.pool
    program = body.program(pool.limits)
    try:
        async with pool.place(client_of(request)) as place:
            ran = await pool.run(program, place)
            return await answer_to(request, ran, read(ran))
    except PoolFull as full:
        raise Busy(full.retry_seconds) from None
    except PoolClosed as closed:
        raise Ending(closed.retry_seconds) from None


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
