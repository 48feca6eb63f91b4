"""The application: what is mounted where, and what lives as long as the server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app import __version__
from app.render.layout import LayoutCache
from app.run.limits import Limits
from app.run.pool import Pool
from app.web import api, health, pages, pictures
from app.web.body import BodyLimit
from app.web.headers import SecurityHeaders
from app.web.openapi import openapi_of
from app.web.places import STATIC
from app.web.problems import install_problems

# A source byte takes at most six in JSON (\u0000); the rest is for the options.
JSON_BYTES_PER_SOURCE_BYTE = 6
OPTIONS_BYTES = 65_536


def create_app(limits: Limits | None = None, *, dot: str | None = None) -> FastAPI:
    """gradfn as an ASGI application. `dot`: a Graphviz executable to use instead of our own."""
    limits = limits or Limits()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pool = Pool(limits)
        app.state.layouts = LayoutCache(command=dot)
        await app.state.pool.start()
        try:
            yield
        finally:
            await app.state.pool.stop()

    app = FastAPI(
        title="gradfn",
        version=__version__,
        summary="See what autograd sees.",
        lifespan=lifespan,
    )
    app.include_router(pages.router)
    app.include_router(api.router)
    app.include_router(pictures.router)
    app.include_router(health.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    install_problems(app)
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]
    most = limits.source_bytes * JSON_BYTES_PER_SOURCE_BYTE + OPTIONS_BYTES
    app.add_middleware(BodyLimit, most_bytes=most)
    app.add_middleware(SecurityHeaders)
    return app
