"""A program as ruff formats it: in a process of its own, which has little time and memory."""

import asyncio
import resource
import shutil
import sysconfig
from pathlib import Path

SECONDS, MEMORY_BYTES, AT_ONCE = 4.0, 1 << 30, 2
WORDS = 300  # of what ruff says of a program that it cannot read


class NotFormatted(Exception):
    """Why: it is no Python, it took too long, or there is no ruff."""


_places = asyncio.Semaphore(AT_ONCE)


def ruff() -> str | None:
    """The program, beside this Python or on PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "ruff"
    return str(beside) if beside.is_file() else shutil.which("ruff")


async def formatted(code: str) -> str:
    """The program in the form that `ruff format` gives it; NotFormatted when there is none."""
    program = ruff()
    if program is None:
        raise NotFormatted("This server has no ruff.")
    command = (program, "format", "--isolated", "--no-cache", "--quiet", "-")
    async with _places:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"RAYON_NUM_THREADS": "1"},
            cwd="/",
        )
        resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS)))
        try:
            async with asyncio.timeout(SECONDS):
                out, said = await process.communicate(code.encode())
        except TimeoutError:
            raise NotFormatted("It takes too long to format.") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode != 0:
        why = said.decode(errors="replace").strip().removeprefix("error: ")
        raise NotFormatted(why[:WORDS] or "ruff could not read it.")
    return out.decode()
