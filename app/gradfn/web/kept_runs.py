"""Runs of late, unread, so that opening a fold runs no program again."""

import secrets
from collections import OrderedDict

from gradfn.events.reading import Ran

MAX_BYTES = 64_000_000  # of all that are kept
MAX_RUNS = 200


class KeptRuns:
    """Runs by a name that nobody can guess; the least recently asked for go first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, Ran] = OrderedDict()

    def keep(self, ran: Ran) -> str | None:
        """The name that the run is kept by; None when it is too large."""
        if ran.size > self._max:
            return None
        name = secrets.token_urlsafe(16)
        self._kept[name] = ran
        self._bytes += ran.size
        while self._bytes > self._max or len(self._kept) > MAX_RUNS:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.size
        return name

    def find(self, name: str | None, code: str) -> Ran | None:
        """The run of this name, if it is still kept and is that of this program."""
        ran = self._kept.get(name) if name is not None else None
        return self.get(name) if name is not None and ran is not None and ran.code == code else None

    def get(self, name: str) -> Ran | None:
        """The run of this name, if it is still kept."""
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)
