"""A program as ruff formats it: in a process of its own, which has little time and memory."""

import asyncio
import contextlib
import resource
import shutil
import sysconfig
from pathlib import Path

SECONDS, MEMORY_BYTES = 4.0, 1 << 30
AT_ONCE, WAITING = 2, 8  # programs; more are refused
LONGER = 8  # times as long as the program may be what is made of it: nesting is indented
MOST_SAID = 4_096  # bytes of what ruff says of a program that it cannot read
SHOWN = 300  # characters of it
LIMITS = {
    resource.RLIMIT_AS: MEMORY_BYTES,
    resource.RLIMIT_CPU: int(SECONDS),
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 0,
}


class NotFormatted(Exception):
    """Why: it is no Python, it took too long, or there is no ruff."""


_places = asyncio.Semaphore(AT_ONCE)
_waiting = 0


def ruff() -> str | None:
    """The program, beside this Python or on PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "ruff"
    return str(beside) if beside.is_file() else shutil.which("ruff")


async def formatted(code: str) -> str:
    """The program in the form that `ruff format` gives it; NotFormatted when there is none."""
    global _waiting
    program = ruff()
    if program is None:
        raise NotFormatted("This server has no ruff.")
    if _waiting >= WAITING:
        raise NotFormatted("Too many programs wait to be formatted. Try again.")
    _waiting += 1
    try:
        async with _places:
            return await _made_by(program, code.encode())
    finally:
        _waiting -= 1


async def _made_by(program: str, source: bytes) -> str:
    most = LONGER * len(source) + MOST_SAID
    try:
        process = await asyncio.create_subprocess_exec(
            *(program, "format", "--isolated", "--no-cache", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"RAYON_NUM_THREADS": "1", "NO_COLOR": "1"},
            cwd="/",
        )
    except OSError:
        raise NotFormatted("ruff could not be started.") from None
    try:
        for limit, value in LIMITS.items():
            with contextlib.suppress(ProcessLookupError):  # it has ended already
                resource.prlimit(process.pid, limit, (value, value))
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(SECONDS):
            _, out, said = await asyncio.gather(
                _write(process.stdin, source),
                _read(process.stdout, most),
                _read(process.stderr, MOST_SAID),
            )
            if len(out) > most:
                raise NotFormatted("It would be too long.")
            if len(said) > MOST_SAID:
                process.kill()
            status = await process.wait()
    except TimeoutError:
        raise NotFormatted("It takes too long to format.") from None
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()  # what is left in the pipes: else asyncio waits for ever
    if status < 0:
        raise NotFormatted("It is nested too deeply, or too long, for ruff.")
    if status != 0:
        why = said.decode(errors="replace").strip().removeprefix("error: ")
        raise NotFormatted(why[:SHOWN] or "ruff could not read it.")
    return out.decode()


async def _write(pipe: asyncio.StreamWriter, source: bytes) -> None:
    with contextlib.suppress(ConnectionError):  # it has ended, and its status says why
        pipe.write(source)
        await pipe.drain()
        pipe.close()


async def _read(pipe: asyncio.StreamReader, most: int) -> bytes:
    """All that comes, or one byte more than the most: then nobody reads on."""
    found = bytearray()
    while len(found) <= most and (part := await pipe.read(min(65_536, most + 1 - len(found)))):
        found += part
    return bytes(found)
