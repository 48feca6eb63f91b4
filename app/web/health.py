"""Whether the server lives, and whether it can run a program."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request

from app.events.kinds import Finished, Program
from app.run.layers import Layers
from app.run.pool import Pool, PoolClosed, PoolFull
from app.web.problems import NotReady, Problem

router = APIRouter(tags=["operations"])
READY_SECONDS = 2.0


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
    pool: Pool = request.app.state.pool
    try:
        async with asyncio.timeout(READY_SECONDS):
            async with aclosing(pool.run(Program(code="1", wall_seconds=READY_SECONDS))) as events:
                if any([isinstance(event, Finished) async for event in events]):
                    layers: Layers = request.app.state.layers
                    return Readiness("ready", layers.landlock, layers.seccomp)
    except (TimeoutError, PoolFull, PoolClosed):
        pass
    raise NotReady(PoolFull.retry_seconds)
