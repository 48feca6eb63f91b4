"""A client of the web application that runs in its own process: no port, and nobody else asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from gradfn.logs import configure_logs
from gradfn.run.layers import check_jail, probe_layers
from gradfn.settings import Settings
from gradfn.web.app import create_app

LONG = 120  # seconds; the server's own limits end a program long before


def jailed_app(settings: Settings, log_level: str | None = None) -> FastAPI:
    """The application, with its log on standard error; NoJail where the kernel has none."""
    configure_logs(settings.log_format, log_level or settings.log_level)
    layers = probe_layers()
    check_jail(layers, settings.host, unsafe=settings.local_unsafe)
    return create_app(settings, layers)


@asynccontextmanager
async def asgi_client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, which has children ready as long as this lasts."""
    token = app.state.token  # asked for where programs are not jailed
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=("127.0.0.1", 0)),
            base_url="http://127.0.0.1",
            timeout=LONG,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        ) as client,
    ):
        yield client
