"""The pool with its real fork server, whose children die, and which dies itself."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gradfn.events.kinds import Crashed, Evaluated, Event, Finished, LimitReached, Printed
from gradfn.events.reading import Read, unpack_events
from gradfn.events.run import Program
from gradfn.reader.documents import events_of
from gradfn.reader.trouble import Trouble
from gradfn.run.forkserver import Child, ForkServer, ForkServerLost
from gradfn.run.limits import Limits
from gradfn.run.pool import Pool, PoolFull
from tests.pace import patience
from tests.processes import children, threads, until

LIMITS = Limits(ready_children=2, running_children=2)
in_shared_loop = pytest.mark.asyncio(loop_scope="module")
FOREVER = "import time\nprint('started')\ntime.sleep(60)"


@asynccontextmanager
async def running_pool(limits: Limits = LIMITS) -> AsyncIterator[Pool]:
    """A pool whose children are ready."""
    pool = Pool(limits)
    pool.start()
    try:
        await until(lambda: pool.ready == limits.ready_children and pool.forks.spare is not None)
        yield pool
    finally:
        await pool.stop()


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other servers on this machine have their folders elsewhere."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_pool() -> AsyncIterator[Pool]:
    """A pool for all tests that leave its fork server alive: it takes seconds to start."""
    async with running_pool() as pool:
        yield pool


@pytest_asyncio.fixture(loop_scope="module")
async def pool(shared_pool: Pool) -> Pool:
    """The shared pool, its children ready."""
    await until(lambda: shared_pool.ready == 2 and len(programs(shared_pool)) == 2)
    return shared_pool


def fork_server(pool: Pool) -> int:
    """The pid of the pool's fork server."""
    return pid_of(pool.forks.server)


def has_another_server(pool: Pool, first: int) -> bool:
    return pool.forks.server is not None and fork_server(pool) != first


def is_not_ready(pool: Pool, child: Child) -> bool:
    return child not in pool._ready


def is_running(pool: Pool, programs: int) -> bool:
    return pool.running == programs


def are_gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def pid_of(server: ForkServer | None) -> int:
    """The pid of a fork server, or of a spare."""
    assert server is not None
    told = Path(f"/proc/self/fdinfo/{server._pidfd}").read_text()
    return int(told.partition("Pid:")[2].split()[0])


def programs(pool: Pool) -> set[int]:
    """The pids of the children that run a program or wait for one."""
    spare = {pid_of(pool.forks.spare)} if pool.forks.spare is not None else set()
    return children(fork_server(pool)) - spare


def descriptors() -> list[int]:
    """The descriptors that this process has open."""
    return sorted(
        int(entry.name) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()
    )


def folders() -> set[Path]:
    """The folders of fork servers."""
    return set(Path(tempfile.gettempdir()).glob("gradfn-*"))


async def run(pool: Pool, code: str, **options: Any) -> list[Event]:
    """Everything a program gives."""
    ran = await pool.run(Program(code=code, **options))
    read = Read("document", code, ran.limits, len(ran.frames))
    return events_of(read, unpack_events(ran.told), list(ran.frames), Trouble())


def last_value(events: list[Event]) -> str | None:
    """The value of a program that ended well."""
    assert any(isinstance(event, Finished) for event in events), events
    return next((event.repr for event in events if isinstance(event, Evaluated)), None)


def crash(events: list[Event]) -> str:
    """The words on a program that crashed."""
    [message] = [event.message for event in events if isinstance(event, Crashed)]
    return message


def printed(events: list[Event]) -> str:
    """What it wrote to stdout."""
    return next(event.text for event in events if isinstance(event, Printed))


@in_shared_loop
async def test_each_child_is_used_once(pool: Pool) -> None:
    pids = [last_value(await run(pool, "import os\nos.getpid()")) for _ in range(10)]
    assert len(set(pids)) == 10


@in_shared_loop
async def test_children_are_ready_before_anybody_asks(pool: Pool) -> None:
    ready = programs(pool)
    assert len(ready) == 2
    assert int(last_value(await run(pool, "import os\nos.getpid()")) or 0) in ready


@in_shared_loop
async def test_the_fork_server_has_one_thread(pool: Pool) -> None:
    assert threads(fork_server(pool)) == 1


@in_shared_loop
async def test_a_child_killed_while_it_waits_is_replaced(pool: Pool) -> None:
    before = programs(pool)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: len(programs(pool) - before) == 2 and pool.ready == 2)
    assert last_value(await run(pool, "1 + 1")) == "2"


@in_shared_loop
async def test_a_child_killed_at_the_start_of_its_run_is_a_crash_in_words(pool: Pool) -> None:
    before = programs(pool)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    events = await run(pool, "1 + 1")  # the pool does not know of it yet
    assert "SIGKILL" in crash(events)
    await until(lambda: pool.ready == 2 and len(programs(pool) - before) == 2)
    assert last_value(await run(pool, "1 + 1")) == "2"


@in_shared_loop
async def test_a_child_killed_in_the_middle_of_its_run_keeps_what_it_told(pool: Pool) -> None:
    running = asyncio.create_task(run(pool, f"import os\nprint(os.getpid())\n{FOREVER}"))
    ready = programs(pool)
    await until(lambda: len(programs(pool)) == 3)
    # The one with the program is the one that reads the clock, not its pipe.
    await until(lambda: [pid for pid in ready if _sleeps_by_the_clock(pid)])
    [pid] = [pid for pid in ready if _sleeps_by_the_clock(pid)]
    os.kill(pid, signal.SIGKILL)
    events = await running
    assert "SIGKILL" in crash(events)
    assert printed(events) == f"{pid}\nstarted\n"
    assert last_value(await run(pool, "1 + 1")) == "2"


def _sleeps_by_the_clock(pid: int) -> bool:
    """Whether the process is in time.sleep; a waiting child is in read or select."""
    return "nanosleep" in Path(f"/proc/{pid}/wchan").read_text()


async def test_a_lost_fork_server_is_started_again_and_its_runs_say_so() -> None:
    async with running_pool() as pool:
        first = fork_server(pool)
        runs = [asyncio.create_task(run(pool, FOREVER)) for _ in range(4)]
        await until(lambda: pool.running == 2)
        os.kill(first, signal.SIGKILL)
        await until(lambda: sum(each.done() for each in runs) == 2)
        for each in runs:
            if each.done():
                assert "is being started again" in crash(each.result())
        # Those that waited run in the spare, which was warm already.
        await until(lambda: pool.running == 2)
        assert fork_server(pool) != first
        for each in runs:
            each.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        assert last_value(await run(pool, "1 + 1")) == "2"


async def test_a_lost_spare_is_replaced() -> None:
    async with running_pool() as pool:
        first = pool.forks.spare
        os.kill(pid_of(first), signal.SIGKILL)
        await until(lambda: pool.forks.spare not in (None, first))
        assert last_value(await run(pool, "1 + 1")) == "2"


async def test_no_run_stays_without_an_answer_whatever_dies() -> None:
    async with running_pool() as pool:
        slowly = "import time\ntime.sleep(0.2)\n"
        runs = [asyncio.create_task(run(pool, f"{slowly}{each}")) for each in range(30)]
        for _ in range(2):
            await until(lambda: pool.running and pool.forks.spare)
            first = fork_server(pool)
            os.kill(first, signal.SIGKILL)
            await until(partial(has_another_server, pool, first))
        async with asyncio.timeout(patience(60)):
            answers = await asyncio.gather(*runs)
        for expected, events in enumerate(answers):
            assert any(isinstance(event, Crashed) for event in events) or (
                last_value(events) == str(expected)
            )


async def test_a_fork_server_that_cannot_start_fails_the_start(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = descriptors(), folders()
    monkeypatch.setattr("gradfn.run.forkserver.sys.executable", "/bin/false")
    with pytest.raises(ForkServerLost):
        await ForkServer("gradfn.child", [], lambda _: None).start()
    monkeypatch.setattr("gradfn.run.forkserver.sys.executable", "/nonexistent/python")
    with pytest.raises(ForkServerLost):
        await ForkServer("gradfn.child", [], lambda _: None).start()
    assert (descriptors(), folders()) == before


async def test_runs_that_wait_are_refused_when_no_fork_server_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_pool() as pool:
        monkeypatch.setattr("gradfn.run.forkserver.sys.executable", "/bin/false")
        for pid in (pid_of(pool.forks.spare), fork_server(pool)):
            os.kill(pid, signal.SIGKILL)
        await until(lambda: pool.forks.server is None)
        for child in list(pool._ready):
            await until(partial(is_not_ready, pool, child))
        with pytest.raises(PoolFull):
            await run(pool, "1")
        monkeypatch.undo()
        await until(lambda: pool.ready == 2)
        assert last_value(await run(pool, "1 + 1")) == "2"


async def test_a_full_queue_refuses_at_once() -> None:
    limits = Limits(ready_children=1, running_children=1, waiting_runs=2)
    async with running_pool(limits) as pool:
        runs = [asyncio.create_task(run(pool, FOREVER)) for _ in range(3)]
        await until(lambda: pool.running == 1 and pool.waiting == 2)
        with pytest.raises(PoolFull):
            await run(pool, "1")
        for each in runs:
            each.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        assert (pool.running, pool.waiting) == (0, 0)
        assert last_value(await run(pool, "1 + 1")) == "2"


@in_shared_loop
async def test_whoever_stops_listening_ends_the_run(pool: Pool) -> None:
    running = asyncio.create_task(run(pool, FOREVER))
    await until(lambda: len(programs(pool)) == 3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: len(programs(pool)) == 2)
    assert pool.running == 0


@in_shared_loop
async def test_leaving_while_a_run_tells_harms_no_other_run(pool: Pool) -> None:
    warn = "import warnings\nfor i in range(3): warnings.warn(str(i))\n"
    for _ in range(20):
        running = asyncio.create_task(run(pool, warn + FOREVER))
        await until(lambda: pool.running == 1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert last_value(await run(pool, "1 + 1")) == "2"


@in_shared_loop
async def test_two_hundred_runs_leave_nothing_behind(pool: Pool) -> None:
    await run(pool, "1")
    await until(lambda: pool.ready == 2 and len(programs(pool)) == 2)
    before = len(descriptors())
    codes = ["1 + 1", "1 / 0", "import os; os._exit(3)", "import os; os.write(3, b'x' * 99)"]
    for _ in range(10):
        async with asyncio.timeout(patience(60)):
            await asyncio.gather(*(run(pool, codes[each % 4]) for each in range(20)))
    await until(lambda: pool.ready == 2 and len(programs(pool)) == 2)
    assert len(descriptors()) == before
    assert (pool.running, pool.waiting) == (0, 0)


async def test_stop_leaves_no_process_no_descriptor_and_no_folder() -> None:
    before = descriptors(), folders(), children(os.getpid())
    for busy in (False, True):
        async with running_pool() as pool:
            server = fork_server(pool)
            pids = {server, *children(server)}
            runs = [asyncio.create_task(run(pool, FOREVER)) for _ in range(4 * busy)]
            await until(partial(is_running, pool, 2 * busy))
            pids |= children(server)
            for each in runs:
                each.cancel()
        await asyncio.gather(*runs, return_exceptions=True)
        await until(partial(are_gone, pids))
        assert (descriptors(), folders(), children(os.getpid())) == before


async def test_a_stop_while_it_starts_leaves_nothing_behind() -> None:
    before = descriptors(), folders()
    pool = Pool(LIMITS)
    pool.start()
    await until(lambda: folders() != before[1])
    await pool.stop()
    assert (descriptors(), folders()) == before


async def test_a_child_that_cannot_take_its_limits_does_not_hang_the_pool() -> None:
    async with running_pool(Limits(memory_mb=1, ready_children=1, running_children=1)) as pool:
        events = await run(pool, "x = [0] * 10**8")
        assert any(isinstance(event, LimitReached | Crashed) for event in events)
        assert last_value(await run(pool, "1 + 1")) == "2"


async def test_a_fork_server_that_hangs_is_replaced() -> None:
    async with running_pool() as pool:
        first = fork_server(pool)
        os.kill(first, signal.SIGSTOP)
        await until(lambda: has_another_server(pool, first))
        assert are_gone({first})
        assert last_value(await run(pool, "6 * 7")) == "42"


async def test_the_threads_of_one_program_leave_those_of_others_alone() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give each child a user of its own")
    many = """
import threading, time
for _ in range(60):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print("started")
time.sleep(60)
"""
    few = "import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()\n'ran'"
    limits = Limits(ready_children=3, running_children=3)
    async with running_pool(limits) as pool:
        full = [asyncio.create_task(run(pool, many)) for _ in range(2)]
        await until(lambda: sum(map(threads_of, programs(pool))) > 120)
        assert last_value(await run(pool, few)) == "'ran'"
        for each in full:
            each.cancel()
        await asyncio.gather(*full, return_exceptions=True)


def threads_of(pid: int) -> int:
    """How many threads a process has; 0 if it is gone."""
    try:
        return len(list(Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return 0
