"""The events of a live run as JSON, for its stream."""

from dataclasses import replace

import msgspec
import structlog

from gradfn.events.kinds import Event
from gradfn.events.reading import Ran, Read, pack_events
from gradfn.model.document import Error, RunDocument
from gradfn.model.stream import Streamed, ViewState, finish_of, streamed
from gradfn.run.limits import Limits
from gradfn.run.live.live_run import OUR_MISTAKE, StreamEvent
from gradfn.run.reading.readers import Readers
from gradfn.web.metrics import Metrics
from gradfn.web.reading import count_and_log, count_mistakes


class JsonStreamEncoder:
    """A `StreamEncoder` for one run; the end of the run is logged and counted too."""

    def __init__(
        self, run_id: str, client: str, limits: Limits, readers: Readers, metrics: Metrics
    ) -> None:
        self._run_id, self._client, self._limits = run_id, client, limits.on_wire
        self._readers, self._metrics = readers, metrics
        self._views: dict[int, ViewState] = {}

    def encode(self, event: Event) -> StreamEvent | None:
        """The event as JSON; None for one that is not streamed, or that we cannot put in words."""
        try:
            found = streamed(event, self._views)
            return None if found is None else _encoded(found)
        except Exception:
            self.mistake("stream")
            return None

    async def encode_end(self, events: list[Event], code: str) -> StreamEvent:
        """The event `finished`, with the status and the explained error."""
        structlog.contextvars.bind_contextvars(run_id=self._run_id)
        ran = Ran(code, self._limits, (), pack_events(events), finished=True)
        read = Read("finish", code, ran.limits, 0)
        answer, data = await self._readers.read(ran, read, self._client)
        count_mistakes(self._metrics, answer)
        count_and_log(self._metrics, answer, self._run_id, live=True)
        return StreamEvent("finished", data)

    def encode_crash(self) -> StreamEvent:
        """The same for a run that a mistake of ours ended, to be called while it is handled."""
        self.mistake("end")
        error = Error("crash", "Crashed", OUR_MISTAKE)
        return _encoded(finish_of(replace(RunDocument(), status="crashed", error=error)))

    def mistake(self, step: str) -> None:
        """Count and log the exception that is being handled, with the run's id."""
        with structlog.contextvars.bound_contextvars(run_id=self._run_id):
            self._metrics.mistake(step)


def _encoded(event: Streamed) -> StreamEvent:
    return StreamEvent(event.name, msgspec.json.encode(event.value), event.slot)
