"""`gradfn`, or `python -m app`: the server, on HOST (127.0.0.1) and PORT (8000)."""

import contextlib
import os
import socket
import sys

import uvicorn

from app.run.layers import NoJail, probe_layers
from app.run.limits import Limits, WrongLimit
from app.web.app import create_app

GRACE_SECONDS = 5  # for answers under way when the server is told to end


class Server(uvicorn.Server):
    """uvicorn, saying where it serves once it can."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.config.host, self.config.port
            print(f"gradfn serves on http://{host}:{port}", flush=True)


def main() -> None:
    try:
        limits = Limits.from_environment(os.environ)
        port = _port(os.environ.get("PORT", "8000"))
        layers = probe_layers()
    except (WrongLimit, NoJail) as error:
        sys.exit(f"gradfn: {error}")
    print(f"gradfn: the jail is {layers}", file=sys.stderr)
    app = create_app(limits, layers, dot=os.environ.get("GRADFN_DOT"))
    host = os.environ.get("HOST", "127.0.0.1")
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is a way to end, not an error
        Server(config).run()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**16):
        raise WrongLimit(f"PORT must be a number from 1 to 65535, not {text!r}")
    return int(text)


if __name__ == "__main__":
    main()
