"""Whether the server lives, and whether it can run a program."""

import asyncio
import math
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request

from gradfn.events.kinds import Finished
from gradfn.events.run import Program
from gradfn.run.layers import Layers
from gradfn.run.pool import Pool, PoolClosed, PoolFull
from gradfn.web.problems import NotReady, Problem

router = APIRouter(tags=["operations"])
READY_SECONDS, FRESH_SECONDS = 2.0, 0.5


@dataclass(frozen=True, slots=True)
class Readiness:
    """`landlock` is the version of its ABI, 0 where the kernel has none."""

    status: Literal["ready"]
    landlock: int
    seccomp: bool


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive: this process answers."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"model": Problem}})
async def readyz(request: Request) -> Readiness:
    """Ready: a program ran to its end just now, inside these layers of the jail."""
    probe: Probe = request.app.state.probe
    if not await probe.is_ready():
        raise NotReady(PoolFull.retry_seconds)
    layers: Layers = request.app.state.layers
    return Readiness("ready", layers.landlock, layers.seccomp)


class Probe:
    """Whether a program can be run, tried so seldom that asking takes nobody's place."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self._tried = pool, -math.inf
        self._trying: asyncio.Task[bool] | None = None

    async def is_ready(self) -> bool:
        """Of the try that is under way or was just now; a failure is tried again at once."""
        trying = self._trying
        if trying is None or (trying.done() and (self._is_old or not trying.result())):
            self._tried = time.monotonic()
            trying = self._trying = asyncio.ensure_future(self._try())
        return await asyncio.shield(trying) and not self._pool.closed

    @property
    def _is_old(self) -> bool:
        return time.monotonic() - self._tried > FRESH_SECONDS

    async def _try(self) -> bool:
        program = Program(code="1", wall_seconds=READY_SECONDS)
        with suppress(TimeoutError, PoolFull, PoolClosed):
            async with asyncio.timeout(READY_SECONDS), aclosing(self._pool.run(program)) as events:
                return any([isinstance(event, Finished) async for event in events])
        return False
