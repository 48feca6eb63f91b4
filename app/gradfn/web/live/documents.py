"""The run documents of live runs: each state is explained, drawn and encoded once for all readers.

Every watcher reads the document when the stream says that the graph is another one. While one is
being made, those who come wait, and then share the next one, which is newer than all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable

from gradfn.events.kinds import Event
from gradfn.events.reading import Ran, pack_events
from gradfn.run.live.live_run import LiveRun

KEEP_SECONDS = 5.0  # for readers that come later than others
Form = tuple[bool, ...]  # what a reader wants in the document


def ran_of(events: list[Event], run: LiveRun) -> Ran:
    """These events of the run, for a reader."""
    return Ran(run.code, run.limits.on_wire, (), pack_events(events), run.has_ended)


class LiveDocuments:
    """Encoded documents, by run and form."""

    def __init__(self) -> None:
        self._documents: dict[tuple[str, Form], _Document] = {}

    async def read(self, run: LiveRun, form: Form, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The document as the run stands now or a moment later; `make` makes it anew."""
        key = (run.id, form)
        if key not in self._documents:
            self._documents[key] = _Document()
            asyncio.get_running_loop().call_later(KEEP_SECONDS, self._documents.pop, key)
        return await self._documents[key].read(run, make)


class _Document:
    """The document of one run in one form, and the version of the run that it is of."""

    def __init__(self) -> None:
        self._version, self._encoded = -1, b""
        self._lock = asyncio.Lock()  # one is made at a time

    async def read(self, run: LiveRun, make: Callable[[], Awaitable[bytes]]) -> bytes:
        wanted = run.version
        async with self._lock:
            if self._version < wanted:
                version = run.version
                self._encoded = await make()
                self._version = version
            return self._encoded
