"""Whether the server lives, and whether it can run a program."""

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request

from gradfn.events.reading import Read
from gradfn.events.run import Program
from gradfn.run.layers import Layers
from gradfn.run.pool import Pool, PoolClosed, PoolFull
from gradfn.run.reading.helpers import NoHelper
from gradfn.run.reading.readers import Readers
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
    """Ready: a program ran to its end just now and was read, inside these layers of the jail."""
    probe: Probe = request.app.state.probe
    if not await probe.is_ready():
        raise NotReady(PoolFull.retry_seconds)
    layers: Layers = request.app.state.layers
    return Readiness("ready", layers.landlock, layers.seccomp)


class Probe:
    """Whether a program can be run, tried so seldom that asking takes nobody's place."""

    def __init__(self, pool: Pool, readers: Readers) -> None:
        self._pool, self._readers, self._tried = pool, readers, -math.inf
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
        with suppress(TimeoutError, PoolFull, PoolClosed, NoHelper):
            async with asyncio.timeout(READY_SECONDS):
                ran = await self._pool.run(program)
                read = Read("document", ran.code, ran.limits, len(ran.frames))
                answer, _ = await self._readers.read(ran, read, "")
                return answer.status == "finished"
        return False
