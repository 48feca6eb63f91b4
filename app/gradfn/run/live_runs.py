"""All live runs of this server, and who makes room: one that has ended goes when another comes."""

import asyncio
import contextlib
from collections.abc import Callable

from gradfn.events.commands import Stop
from gradfn.events.kinds import Program
from gradfn.run.live_run import DoesNotFit, LiveRun, StreamEncoder
from gradfn.run.pool import Pool, PoolClosed, PoolFull


class LiveRuns:
    """All live runs of this server."""

    def __init__(self, pool: Pool, narrator: Callable[[str], StreamEncoder]) -> None:
        self._pool, self._limits, self._narrator = pool, pool.limits, narrator
        self._runs: dict[str, LiveRun] = {}

    def start(self, program: Program, client: str) -> LiveRun:
        """A new run; PoolFull when no run that takes a place has ended, or PoolClosed."""
        if self._pool.closed:
            raise PoolClosed
        while len(self._runs) >= self._limits.live_runs:
            ended = [run for run in self._runs.values() if run.has_ended and not run.watchers]
            ended = ended or [run for run in self._runs.values() if run.has_ended]
            if not ended:
                raise PoolFull
            self.forget(min(ended, key=lambda run: run.ended_at or 0.0))
        limits = self._limits.of_a_live_run
        run = LiveRun(program, client, self._pool, limits, self._narrator, self.forget)
        self._runs[run.id] = run
        return run

    def get(self, run_id: str) -> LiveRun | None:
        """The run with this id, if it is kept."""
        return self._runs.get(run_id)

    def forget(self, run: LiveRun) -> None:
        """Let go of a run that has ended."""
        self._runs.pop(run.id, None)
        run.drop()

    async def remove(self, run: LiveRun) -> None:
        """End a run, and forget it."""
        self._runs.pop(run.id, None)
        await run.close()

    def running_of(self, client: str) -> int:
        """How many of a client's runs have not ended."""
        return sum(run.client == client and not run.has_ended for run in self._runs.values())

    @property
    def count(self) -> int:
        """How many are kept."""
        return len(self._runs)

    @property
    def watchers(self) -> int:
        """How many clients watch."""
        return sum(run.watchers for run in self._runs.values())

    def stop_all(self, seconds: float) -> None:
        """Tell each to end before its next line, when so much time has passed."""
        asyncio.get_running_loop().call_later(max(0.0, seconds), self._stop_all)

    def _stop_all(self) -> None:
        for run in self._runs.values():
            with contextlib.suppress(DoesNotFit):
                run.order(Stop())

    async def close(self) -> None:
        """End all for good."""
        runs = list(self._runs.values())
        await asyncio.gather(*map(self.remove, runs))
        await asyncio.gather(*(run.task for run in runs), return_exceptions=True)
