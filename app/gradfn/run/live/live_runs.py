"""All live runs of this server; one that has ended is forgotten when another needs its place."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from gradfn.events.commands import Stop
from gradfn.events.run import Program
from gradfn.run.live.live_run import InvalidState, LiveRun, StreamEncoder
from gradfn.run.pool import Pool, PoolClosed, PoolFull


class LiveRuns:
    """All live runs of this server, by their ids."""

    def __init__(self, pool: Pool, encoder: Callable[[str, str], StreamEncoder]) -> None:
        self._pool, self._limits, self._encoder = pool, pool.limits, encoder
        self._runs: dict[str, LiveRun] = {}

    def start(self, program: Program, client: str, owner: str) -> LiveRun:
        """A new run; PoolFull when no other has ended or can be given up, or PoolClosed."""
        if self._pool.closed:
            raise PoolClosed
        while len(placed := [run for run in self._runs.values() if not run.is_given_up]) >= (
            self._limits.live_runs
        ):
            ended = [run for run in placed if run.has_ended]
            ended = [run for run in ended if not run.watchers.count] or ended
            if ended:
                self.forget(min(ended, key=lambda run: run.ended_at or 0.0))
            else:
                self._give_up_one(client)
        limits = self._limits.of_a_live_run
        run = LiveRun(program, client, owner, self._pool, limits, self._encoder, self.forget)
        self._runs[run.id] = run
        return run

    def _give_up_one(self, client: str) -> None:
        """A run of a client that has several, or one that holds and is not used."""
        now = time.monotonic()
        spare = [
            run
            for run in self._runs.values()
            if run.status in ("running", "paused") and not run.is_given_up
            if self.running_of(run.client) > 1
            or (run.status == "paused" and now - run.used_at > self._limits.live_idle_seconds)
        ]
        if self.running_of(client) or not spare:
            raise PoolFull
        min(spare, key=lambda run: run.used_at).give_up()
        given_up = [run for run in self._runs.values() if run.is_given_up]
        if len(given_up) > self._limits.live_runs:
            self.forget(given_up[0])

    def get(self, run_id: str) -> LiveRun | None:
        """The run with this id, if it is kept."""
        return self._runs.get(run_id)

    def forget(self, run: LiveRun) -> None:
        """Let go of a run that has ended."""
        self._runs.pop(run.id, None)
        run.release()

    async def remove(self, run: LiveRun) -> None:
        """End a run, and forget it."""
        self._runs.pop(run.id, None)
        await run.close()

    def running_of(self, client: str) -> int:
        """How many of a client's runs have not ended."""
        return sum(
            run.client == client and not (run.has_ended or run.is_given_up)
            for run in self._runs.values()
        )

    @property
    def count(self) -> int:
        """How many are kept."""
        return len(self._runs)

    @property
    def watchers(self) -> int:
        """How many clients watch."""
        return sum(run.watchers.count for run in self._runs.values())

    def stop_all(self, seconds: float) -> None:
        """After so many seconds, send each the command to stop."""
        asyncio.get_running_loop().call_later(max(0.0, seconds), self._stop_all)

    def _stop_all(self) -> None:
        for run in self._runs.values():
            with suppress(InvalidState):
                run.send(Stop())

    async def close(self) -> None:
        """End all for good."""
        runs = list(self._runs.values())
        tasks = [run.task for run in runs if run.task is not None]
        await asyncio.gather(*map(self.remove, runs))
        await asyncio.gather(*tasks, return_exceptions=True)
