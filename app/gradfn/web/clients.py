"""What one client may ask for, so that it cannot take the place of all others."""

import ipaddress
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from gradfn.web.problems import TooManyRuns


class Clients:
    """Counts what each client asks for: so much a minute, so many runs and streams at once."""

    def __init__(self, *, a_minute: int, at_once: int, watching: int) -> None:
        self._a_minute, self._at_once = RateLimitItemPerMinute(a_minute), at_once
        self._watching_at_once = watching
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._running: Counter[str] = Counter()
        self._watching: Counter[str] = Counter()

    @asynccontextmanager
    async def admitted(self, request: Request) -> AsyncIterator[None]:
        """A place for one run; TooManyRuns when the client has had its share."""
        client = client_of(request)
        if self._running[client] >= self._at_once:
            raise TooManyRuns(f"{self._at_once} of your programs run or wait already.", 1)
        await self._count(client)
        with _one_more(self._running, client):
            yield

    @asynccontextmanager
    async def watching(self, request: Request) -> AsyncIterator[None]:
        """A place for one stream; TooManyRuns when the client has had its share."""
        client = client_of(request)
        if self._watching[client] >= self._watching_at_once:
            raise TooManyRuns(f"You watch {self._watching_at_once} live runs already.", 5)
        await self._count(client)
        with _one_more(self._watching, client):
            yield

    async def _count(self, client: str) -> None:
        if not await self._limiter.hit(self._a_minute, client):
            window = await self._limiter.get_window_stats(self._a_minute, client)
            wait = max(1, math.ceil(window.reset_time - time.time()))
            raise TooManyRuns(f"{self._a_minute.amount} programs a minute is the most.", wait)


@contextmanager
def _one_more(counter: Counter[str], client: str) -> Iterator[None]:
    counter[client] += 1
    try:
        yield
    finally:
        counter[client] -= 1
        if not counter[client]:
            del counter[client]


def client_of(request: Request) -> str:
    """Whom to count: an IPv4 address, or the /64 that one IPv6 household has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:  # IPv4 clients of a socket that takes both
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
