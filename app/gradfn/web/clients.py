"""What one client may ask for, so that it cannot take the place of all others."""

import ipaddress
import math
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from gradfn.web.problems import TooManyRuns


class Clients:
    """Counts the runs of each client: so many a minute, so many at once."""

    def __init__(self, *, a_minute: int, at_once: int) -> None:
        self._a_minute, self._at_once = RateLimitItemPerMinute(a_minute), at_once
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._running: Counter[str] = Counter()

    @asynccontextmanager
    async def admitted(self, request: Request) -> AsyncIterator[None]:
        """A place for one run; TooManyRuns when the client has had its share."""
        client = client_of(request)
        if self._running[client] >= self._at_once:
            raise TooManyRuns(f"{self._at_once} of your programs run or wait already.", 1)
        if not await self._limiter.hit(self._a_minute, client):
            window = await self._limiter.get_window_stats(self._a_minute, client)
            wait = max(1, math.ceil(window.reset_time - time.time()))
            raise TooManyRuns(f"{self._a_minute.amount} programs a minute is the most.", wait)
        self._running[client] += 1
        try:
            yield
        finally:
            self._running[client] -= 1
            if not self._running[client]:
                del self._running[client]


def client_of(request: Request) -> str:
    """Whom to count: an IPv4 address, or the /64 that one IPv6 household has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
