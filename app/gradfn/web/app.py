"""The application: what is mounted where, and what lives as long as the server."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.gzip import GZipMiddleware

from gradfn import __version__
from gradfn.run.layers import Layers
from gradfn.run.live.live_runs import LiveRuns
from gradfn.run.pool import Pool
from gradfn.run.reading.readers import Readers
from gradfn.settings import Settings
from gradfn.web.assets import MOUNT, HashedFiles
from gradfn.web.clients import Clients
from gradfn.web.kept_runs import KeptRuns
from gradfn.web.live.documents import LiveDocuments
from gradfn.web.live.encoder import JsonStreamEncoder
from gradfn.web.metrics import Metrics
from gradfn.web.middleware.access import Access
from gradfn.web.middleware.answers import Answers
from gradfn.web.middleware.body import BodyLimit
from gradfn.web.middleware.headers import SecurityHeaders
from gradfn.web.middleware.local import LocalOnly
from gradfn.web.openapi import openapi_of
from gradfn.web.places import STATIC
from gradfn.web.problems import install_problems, on_failure
from gradfn.web.routes import api, embed, health, metrics, pages, pictures, runs

# A source byte takes at most six in JSON (\u0000); the rest is for the options.
JSON_BYTES_PER_SOURCE_BYTE = 6
OPTIONS_BYTES = 2**20  # among them 10,000 open folds


def create_app(settings: Settings, layers: Layers) -> FastAPI:
    """gradfn as an ASGI application.

    Without seccomp it answers only who knows `state.token`, which is None with it.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pool = pool = Pool(settings, jailed=layers.seccomp)
        app.state.live_runs = live_runs = LiveRuns(
            pool,
            lambda id, client: JsonStreamEncoder(
                id, client, settings.of_a_live_run, app.state.readers, app.state.metrics
            ),
        )
        app.state.live_documents = LiveDocuments()
        app.state.metrics = counts = Metrics(pool, live_runs, layers)
        app.state.readers = readers = Readers(
            settings,
            jailed=layers.seccomp,
            dot=settings.dot,
            asked=counts.count_picture,
            lost=counts.lost_reader,
        )
        app.state.probe = health.Probe(pool, readers)
        app.state.clients = Clients(
            a_minute=settings.client_runs_a_minute,
            at_once=settings.client_runs_at_once,
            watching=settings.client_watchers,
        )
        app.state.kept_runs = KeptRuns()
        pool.start()
        readers.start()
        try:
            yield
        finally:
            await live_runs.close()
            await pool.stop()
            await readers.stop()

    app = FastAPI(
        title="gradfn",
        version=__version__,
        summary="See what autograd sees.",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's own load from another host: pages.docs
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the request names
    )
    app.state.layers = layers
    app.state.embed_origins = settings.embed_origins
    app.state.token = None if layers.seccomp else secrets.token_urlsafe(32)
    app.include_router(pages.router)
    app.include_router(embed.router)
    app.include_router(api.router)
    app.include_router(pictures.router)
    app.include_router(runs.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.mount(MOUNT, HashedFiles(directory=STATIC), name="static")
    install_problems(app)
    app.openapi = lambda: openapi_of(app)  # type: ignore[method-assign]
    most = settings.source_bytes * JSON_BYTES_PER_SOURCE_BYTE + OPTIONS_BYTES
    app.add_middleware(BodyLimit, most_bytes=most, all_bytes=settings.requests_bytes)
    if app.state.token is not None:
        app.add_middleware(LocalOnly, token=app.state.token)
    app.add_middleware(Answers)
    app.add_middleware(GZipMiddleware, compresslevel=4)  # 9 costs twice as much for 4 % less
    # FastAPI's own is outside of what follows: a failure would go without headers and id.
    app.add_middleware(ServerErrorMiddleware, handler=on_failure)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Access)
    return app
