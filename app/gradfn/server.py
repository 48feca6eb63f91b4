"""The server, and what can be asked of it without starting one."""

import contextlib
import gc
import json
import socket
import sys

import structlog
import uvicorn

from gradfn.logs import configure_logs
from gradfn.run.layers import Layers, NoJail, check_jail, probe_layers
from gradfn.run.live.live_runs import LiveRuns
from gradfn.run.pool import Pool
from gradfn.settings import Settings, WrongSetting, read_settings, rows
from gradfn.web.app import create_app
from gradfn.web.middleware.connections import PunctualProtocol

log = structlog.get_logger("gradfn")
# Longer than proxies keep an idle connection, who would else send into one that was just closed.
KEEP_ALIVE_SECONDS = 75
ANSWER_SECONDS = 2  # for the last answers to be made and read, once no program runs
# Of new objects: a document of 100,000 functions is a million, and none of them is in a circle.
# With Python's defaults a third of the time that such a document takes is garbage collection.
COLLECTIONS = 100_000, 20, 50


class Server(uvicorn.Server):
    """uvicorn, saying where it serves once it can, and giving programs a time when it ends.

    It says so to people on stdout, to machines in the log.
    """

    def __init__(self, config: uvicorn.Config, settings: Settings, token: str | None) -> None:
        super().__init__(config)
        self._drain_seconds = settings.drain_seconds
        self._is_text = settings.log_format == "text"
        host = f"[{config.host}]" if ":" in config.host else config.host
        key = f"/?token={token}" if token else ""
        self.address = f"http://{host}:{config.port}{key}"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:  # uvicorn has logged why, but not the address
            if self.lifespan.should_exit:
                raise
            address = f"GRADFN_HOST {self.config.host!r} and GRADFN_PORT {self.config.port}"
            raise WrongSetting(f"cannot serve on {address}: see above") from None
        if self.started and self._is_text:
            print(f"gradfn serves on {self.address}", flush=True)
        elif self.started:
            log.info("serves", url=self.address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        pool: Pool = self.config.app.state.pool  # type: ignore[union-attr]
        pool.close(self._drain_seconds)
        live_runs: LiveRuns = self.config.app.state.live_runs  # type: ignore[union-attr]
        live_runs.stop_all(self._drain_seconds - ANSWER_SECONDS)
        await super().shutdown(sockets)


def run_command(name: str) -> None:
    """`serve`, `mcp`, `settings` or `openapi`; ends with a message where that cannot be."""
    try:
        settings = read_settings()
        commands = {
            "serve": serve,
            "mcp": serve_mcp,
            "settings": list_settings,
            "openapi": print_openapi,
        }
        commands[name](settings)
    except (WrongSetting, NoJail) as error:
        sys.exit(f"gradfn: {error}")


def serve_mcp(settings: Settings) -> None:
    """Answer a coding agent on standard input and output."""
    try:
        from gradfn import mcp_server
    except ModuleNotFoundError as error:
        sys.exit(f"gradfn: there is no {error.name}: pip install 'gradfn[mcp]'")
    mcp_server.serve_mcp(settings)


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; NoJail where programs cannot be jailed."""
    configure_logs(settings.log_format, settings.log_level)
    layers = probe_layers()
    check_jail(layers, settings.host, unsafe=settings.local_unsafe)
    log.info("jailed", landlock=layers.landlock, seccomp=layers.seccomp)
    app = create_app(settings, layers)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=PunctualProtocol,
        log_config=None,  # its loggers write into ours
        access_log=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds + ANSWER_SECONDS,
    )
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is a way to end, not an error
        Server(config, settings, app.state.token).run()


def list_settings(settings: Settings) -> None:
    """Print each setting: its variable, its value, its default, its unit, what it means."""
    listed = rows(settings)
    wide = max(len(row.variable) for row in listed)
    for row in listed:
        changed = "" if row.value == row.default else f" (default: {row.default})"
        print(f"{row.variable:{wide}}  {f'{row.value} {row.unit}'.strip()}{changed}")
        print(f"{'':{wide}}  {row.meaning}")


def print_openapi(settings: Settings) -> None:
    """Print what `/openapi.json` answers, without starting a server."""
    app = create_app(settings, Layers(landlock=0, seccomp=True))
    print(json.dumps(app.openapi(), indent=2))
