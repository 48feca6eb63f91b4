"""The events of a live run as JSON, for its stream."""

import msgspec

from gradfn.events.kinds import Event
from gradfn.model.stream import Streamed, ViewState, finish_of, streamed
from gradfn.run.live.live_run import StreamEvent
from gradfn.web.explaining import Explainer
from gradfn.web.metrics import Metrics
from gradfn.web.running import count_and_log


class JsonStreamEncoder:
    """A `StreamEncoder` for one run; the end of the run is logged and counted too."""

    def __init__(self, run_id: str, explainer: Explainer, metrics: Metrics) -> None:
        self._run_id, self._explainer, self._metrics = run_id, explainer, metrics
        self._views: dict[int, ViewState] = {}

    def encode(self, event: Event) -> StreamEvent | None:
        """The event as JSON; None for one that is not streamed."""
        found = streamed(event, self._views)
        return None if found is None else _encoded(found)

    async def encode_end(self, events: list[Event], code: str) -> StreamEvent:
        """The event `finished`, with the status and the explained error."""
        document = await self._explainer.document(events, code)
        count_and_log(self._metrics, events, document, self._run_id, live=True)
        return _encoded(finish_of(document))


def _encoded(event: Streamed) -> StreamEvent:
    return StreamEvent(event.name, msgspec.json.encode(event.value), event.slot)
