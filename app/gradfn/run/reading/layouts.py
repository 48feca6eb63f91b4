"""DOT texts laid out, each in a process of its own that was started ahead and is jailed."""

import asyncio
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from gradfn.events.reading import LayoutFormat
from gradfn.run.fork_servers import ForkServers
from gradfn.run.forkserver import Child, Exit, ForkServerLost
from gradfn.run.reading.helpers import Helpers, NoHelper
from gradfn.run.reading.pipes import receive, send

FORMATS: tuple[LayoutFormat, ...] = ("svg", "png", "json0")
SECONDS = 5.0
MAX_PICTURE_BYTES = CACHE_BYTES = 64 * 2**20
COMPLAINT_BYTES = 500
ENTRY_BYTES = 500  # what an entry of the cache costs beside its picture
MISSING = 69  # the exit code where there is no Graphviz to start


class NotLaidOut(Exception):
    """There is no picture; the message says why."""


class TooSlow(NotLaidOut):
    """It was cut off at its time."""


@dataclass(slots=True)
class _Entry:
    making: asyncio.Task[bytes]
    waiting: int = 0  # how many ask for it just now


class Layouts:
    """Pictures by the content of their DOT: each is laid out once, also for two who ask at once.

    The least recently asked for go when there are more than `max_bytes` of them. Failures are not
    kept, but for TooSlow, which would cost its whole time again. `asked` is told of each picture
    how long its layout took, or None when it was kept from before.
    """

    def __init__(
        self,
        forks: ForkServers,
        asked: Callable[[float | None], None],
        *,
        seconds: float = SECONDS,
        max_bytes: int = CACHE_BYTES,
    ) -> None:
        self._helpers = {
            format: Helpers(forks, format.encode(), 1, reused=False) for format in FORMATS
        }
        self.families = [helpers.family for helpers in self._helpers.values()]
        self._asked, self._seconds, self._max_bytes = asked, seconds, max_bytes
        self._kept: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0

    async def lay_out(self, dot: bytes, format: LayoutFormat) -> bytes:
        """The picture, laid out now or before; NotLaidOut."""
        key = sha256(format.encode() + b"\n" + dot).digest()
        started = time.monotonic()
        entry = self._kept.get(key)
        is_new = entry is None
        if entry is None:
            making = asyncio.ensure_future(self._made(dot, format))
            making.add_done_callback(lambda _: self._is_made(key))
            entry = self._kept[key] = _Entry(making)
        self._kept.move_to_end(key)
        entry.waiting += 1
        try:
            return await asyncio.shield(entry.making)
        finally:
            entry.waiting -= 1
            if not (entry.waiting or entry.making.done()):
                entry.making.cancel()  # nobody is there any more
            self._asked(time.monotonic() - started if is_new else None)

    def _is_made(self, key: bytes) -> None:
        entry = self._kept[key]
        error = None if entry.making.cancelled() else entry.making.exception()
        if entry.making.cancelled() or (error and not isinstance(error, TooSlow)):
            del self._kept[key]
            return
        self._bytes += _size(entry)
        for other in [key for key, each in self._kept.items() if each.making.done()]:
            if self._bytes <= self._max_bytes:
                break
            self._bytes -= _size(self._kept.pop(other))

    async def _made(self, dot: bytes, format: LayoutFormat) -> bytes:
        helpers = self._helpers[format]
        try:
            child = await helpers.take()
        except NoHelper:
            raise NotLaidOut("Graphviz cannot be started just now.") from None
        try:
            async with asyncio.timeout(self._seconds):
                return await _laid_out(child, dot)
        except TimeoutError:
            raise TooSlow(
                f"Laying out the graph took longer than the limit of {self._seconds:g} s and "
                "was stopped."
            ) from None
        finally:
            helpers.discard(child)


async def _laid_out(child: Child, dot: bytes) -> bytes:
    """What the process makes of the text; NotLaidOut."""
    try:
        await send(child.request, dot)
    except OSError:  # it is gone, and its end says why
        pass
    finally:
        child.close_request()
    picture = bytearray()
    while chunk := await receive(child.stdout):
        picture += chunk
        if len(picture) > MAX_PICTURE_BYTES:
            raise NotLaidOut(f"The picture is larger than {MAX_PICTURE_BYTES // 2**20} MB.")
    try:
        ended = await asyncio.shield(child.exited)
    except ForkServerLost:
        raise NotLaidOut("Graphviz was ended with the process that started it.") from None
    if ended.status != 0 or not picture:
        raise NotLaidOut(_failure(ended, (await receive(child.stderr))[:COMPLAINT_BYTES]))
    return bytes(picture)


def _failure(ended: Exit, complaint: bytes) -> str:
    if os.WIFEXITED(ended.status) and os.WEXITSTATUS(ended.status) == MISSING:
        return "Graphviz is not installed: pip install graphviz-pure."
    code = os.waitstatus_to_exitcode(ended.status)
    words = " ".join(complaint.decode(errors="replace").split())
    how = f"was ended by signal {-code}" if code < 0 else f"failed ({code})"
    return f"Graphviz {how}: {words}" if words else f"Graphviz {how}."


def _size(entry: _Entry) -> int:
    """What an entry that is made takes, in bytes."""
    return ENTRY_BYTES + (0 if entry.making.exception() else len(entry.making.result()))
