"""The events that the run document of a live run is made of, as they stand now."""

from gradfn.events.kinds import (
    Answered,
    ControlsFound,
    Event,
    GraphMoved,
    GraphRead,
    Paused,
    Resumed,
    TrainingRead,
    ViewsFound,
    Wrote,
)

OF_THE_STREAM_ONLY = (TrainingRead, ViewsFound, ControlsFound, Answered)
NOT_KEPT = (Wrote, Paused, Resumed)  # output is kept by the connection, the status by the run


class RunEvents:
    """Events are added as they come; `version` grows with every change of the document."""

    def __init__(self) -> None:
        self.version = 0
        self._kept: list[Event] = []
        self._graph: GraphRead | None = None  # the latest
        self._moved: GraphMoved | None = None  # the latest in it

    def add(self, event: Event) -> None:
        """Add an event, in the place of an earlier one where only the latest counts."""
        if isinstance(event, OF_THE_STREAM_ONLY):
            return
        self.version += 1
        match event:
            case GraphRead():
                self._graph, self._moved = event, None
            case GraphMoved():
                self._moved = event
            case _ if not isinstance(event, NOT_KEPT):
                self._kept.append(event)

    def latest(self) -> list[Event]:
        """All that count now."""
        graph = self._graph
        if graph is not None and self._moved is not None:
            graph = graph.after(self._moved)
        return [*([graph] if graph else []), *self._kept]
