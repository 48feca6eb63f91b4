"""The application: what is mounted where, and what lives as long as the server."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from fastapi import FastAPI

from app import __version__
from app.render.layout import LayoutCache
from app.run.layers import Layers
from app.run.limits import CORES, Limits
from app.run.pool import Pool
from app.web import api, health, metrics, pages, pictures
from app.web.assets import MOUNT, HashedFiles
from app.web.body import BodyLimit
from app.web.clients import Clients
from app.web.headers import SecurityHeaders
from app.web.metrics import Metrics
from app.web.openapi import openapi_of
from app.web.places import STATIC
from app.web.problems import install_problems

# A source byte takes at most six in JSON (\u0000); the rest is for the options.
JSON_BYTES_PER_SOURCE_BYTE = 6
OPTIONS_BYTES = 65_536


def create_app(limits: Limits, layers: Layers, *, dot: str | None = None) -> FastAPI:
    """gradfn as an ASGI application. `dot`: a Graphviz executable to use instead of our own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pool = pool = Pool(limits)
        app.state.layers = layers
        app.state.metrics = Metrics(pool, layers)
        app.state.clients = Clients(
            a_minute=limits.client_runs_a_minute, at_once=limits.client_runs_at_once
        )
        app.state.layouts = LayoutCache(command=dot)
        # Of their own, so that slow layouts hold up nothing but each other.
        with ThreadPoolExecutor(CORES) as app.state.layout_threads:
            pool.start()
            try:
                yield
            finally:
                await pool.stop()

    app = FastAPI(
        title="gradfn",
        version=__version__,
        summary="See what autograd sees.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own load from another host: pages.docs
        redoc_url=None,
    )
    app.include_router(pages.router)
    app.include_router(api.router)
    app.include_router(pictures.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.mount(MOUNT, HashedFiles(directory=STATIC), name="static")
    install_problems(app)
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]
    most = limits.source_bytes * JSON_BYTES_PER_SOURCE_BYTE + OPTIONS_BYTES
    app.add_middleware(BodyLimit, most_bytes=most)
    app.add_middleware(SecurityHeaders)
    return app
