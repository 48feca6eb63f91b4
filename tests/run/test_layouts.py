"""Graphviz in processes that were started ahead, and what is kept of its pictures."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gradfn.render.layout import lay_out
from gradfn.run.fork_servers import ForkServers
from gradfn.run.reading.layouts import Layouts, NotLaidOut, TooSlow
from tests.processes import children, fork_server_below, until, words

SMALL = b"digraph { a -> b }"
MEMORY = 512 * 2**20
# An arrow from each of sixty nodes to each: more than Graphviz lays out in a moment.
DENSE = b"digraph { %s }" % b";".join(b"%d -> %d" % (i, j) for i in range(60) for j in range(60))


@asynccontextmanager
async def running(*told: object, **options: Any) -> AsyncIterator[tuple[Layouts, list[Any]]]:
    """Layouts, and how long each took that was asked for: None when it was kept."""
    asked: list[float | None] = []
    forks = ForkServers("gradfn.reader", [MEMORY, 1, *told])
    layouts = Layouts(forks, asked.append, **options)
    forks.start(*layouts.families)
    try:
        yield layouts, asked
    finally:
        await forks.stop()
        for family in layouts.families:
            family.discard()


@pytest.mark.parametrize("format", ["svg", "png", "json0"])
async def test_a_picture_is_what_graphviz_draws_without_a_jail(format: Any) -> None:
    async with running() as (layouts, _):
        assert await layouts.lay_out(SMALL, format) == lay_out(SMALL.decode(), format)


async def test_the_same_dot_is_laid_out_once() -> None:
    async with running() as (layouts, asked):
        first = await layouts.lay_out(SMALL, "svg")
        assert await layouts.lay_out(SMALL, "svg") == first
        await layouts.lay_out(SMALL, "png")
        assert [each is None for each in asked] == [False, True, False]


async def test_those_who_ask_at_once_share_one_layout() -> None:
    async with running() as (layouts, asked):
        pictures = await asyncio.gather(*(layouts.lay_out(SMALL, "svg") for _ in range(8)))
        assert len(set(pictures)) == 1
        assert len([each for each in asked if each is not None]) == 1


async def test_one_who_leaves_takes_nothing_from_those_who_stay() -> None:
    async with running() as (layouts, _):
        leaving, staying = (asyncio.ensure_future(layouts.lay_out(SMALL, "svg")) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == lay_out(SMALL.decode(), "svg")


async def test_a_failure_is_tried_again() -> None:
    async with running() as (layouts, asked):
        for _ in range(2):
            with pytest.raises(NotLaidOut, match="Graphviz failed"):
                await layouts.lay_out(b"digraph {", "svg")
        assert None not in asked


async def test_one_that_took_all_its_time_is_not_tried_again() -> None:
    async with running(seconds=0.001) as (layouts, asked):
        for _ in range(3):
            with pytest.raises(TooSlow, match=r"0\.001 s"):
                await layouts.lay_out(DENSE, "svg")
        assert [each is None for each in asked] == [False, True, True]


async def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    size = len(lay_out("digraph { a }", "svg")) + 500  # what is kept beside it
    async with running(max_bytes=5 * size // 2) as (layouts, asked):
        for name in (b"a", b"b", b"a", b"c", b"a"):
            await layouts.lay_out(b"digraph { %s }" % name, "svg")
        assert asked[2] is None
        before = len(asked)
        await layouts.lay_out(b"digraph { b }", "svg")
        assert asked[before] is not None


async def test_without_a_graphviz_there_is_no_picture_but_a_reason() -> None:
    async with running("/nowhere/dot") as (layouts, _):
        with pytest.raises(NotLaidOut, match="not installed"):
            await layouts.lay_out(SMALL, "svg")


def told_of(pid: int, what: str) -> str:
    """What the kernel tells of a process."""
    return Path(f"/proc/{pid}/{what}").read_text()


async def test_graphviz_is_in_a_jail() -> None:
    async with running() as (layouts, _):
        await layouts.lay_out(SMALL, "svg")
        forks = fork_server_below(os.getpid(), "gradfn.reader")
        await until(lambda: [pid for pid in children(forks) if "-Tsvg" in words(pid)])
        [waits] = [pid for pid in children(forks) if "-Tsvg" in words(pid)]
        status = told_of(waits, "status")
        assert "Seccomp:\t2" in status
        assert "NoNewPrivs:\t1" in status
        limits = told_of(waits, "limits")
        assert re.search(r"Max file size +0 +0", limits)
        assert re.search(r"Max cpu time +10 ", limits)
