"""The events of one live run as its watchers get them: published thirty times a second."""

import asyncio
import time
from collections.abc import AsyncIterator

from gradfn.run.live.event_log import START, EventLog, sse_event

PUBLISH_SECONDS = 1 / 30
COMMENT_SECONDS = 15.0
COMMENT = b": still here\n\n"  # keeps connections open that would be cut for being silent


class EventStream:
    """Append events; any number of watchers iterates over the batches."""

    def __init__(self) -> None:
        self._log = EventLog(time.time_ns() // 1_000)
        self._ended = False
        self._loop = asyncio.get_running_loop()
        # Done, and replaced, at each publication (with b"") and at each comment.
        self._next: asyncio.Future[bytes] = self._loop.create_future()
        self._published_at = 0.0
        self._publish_timer: asyncio.TimerHandle | None = None
        self._comment_timer = self._loop.call_later(COMMENT_SECONDS, self._comment)

    def append(self, name: str, data: bytes, slot: str | None = None) -> None:
        """Add an event, which is published soon; one with a slot replaces the one before there."""
        self._log.append(name, data, slot)
        if self._publish_timer is None:
            wait = max(0.0, self._published_at + PUBLISH_SECONDS - self._loop.time())
            self._publish_timer = self._loop.call_later(wait, self._publish)

    def extend_curve(self, values: bytes, lines: bytes) -> None:
        """Add points to the curve of the loss, which go along with the next event."""
        self._log.extend_curve(values, lines)

    def end(self, name: str, data: bytes) -> None:
        """Add the last event, and publish it at once."""
        self._log.append(name, data)
        self._ended = True
        self._publish()

    def has_nothing_after(self, event_id: str) -> bool:
        """Whether this was the last event."""
        return self._ended and self._log.position_of(event_id) == self._log.published

    async def batches(self, last_id: str | None) -> AsyncIterator[bytes]:
        """All events after that one, and those to come, to the last."""
        position = self._log.position_of(last_id) if last_id else START
        if position is None:
            yield sse_event("reset", b'{"why": "the last event was of another run"}')
            position = START
        while True:
            following = self._next
            while position.seq != self._log.published.seq:
                batch, position = self._log.since(position)
                if batch:
                    yield batch
            if self._ended:
                return
            comment = await asyncio.shield(following)
            if comment and position.seq == self._log.published.seq:
                yield comment

    def close(self) -> None:
        """Publish nothing more."""
        self._comment_timer.cancel()
        if self._publish_timer is not None:
            self._publish_timer.cancel()

    def _publish(self) -> None:
        if self._publish_timer is not None:
            self._publish_timer.cancel()
        self._publish_timer, self._published_at = None, self._loop.time()
        self._log.publish()
        self._wake_watchers(b"")

    def _comment(self) -> None:
        self._wake_watchers(COMMENT)
        self._comment_timer = self._loop.call_later(COMMENT_SECONDS, self._comment)

    def _wake_watchers(self, comment: bytes) -> None:
        following, self._next = self._next, self._loop.create_future()
        following.set_result(comment)
