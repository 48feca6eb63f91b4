"""One log, of ours and of the libraries: a line each, for people or for machines.

What a line says of the request comes by itself: whoever handles one binds its id once.
"""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import Processor

Format = Literal["text", "json"]


def configure_logs(format: Format, level: str) -> None:
    """From here on everything that is logged goes to stderr, in this format."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_written(format),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # uvicorn says at `info` what the line of each request says already, and in colours of its own.
    logging.getLogger("uvicorn.error").setLevel(max(logging.WARNING, logging.root.level))


def _written(format: Format) -> list[Processor]:
    if format == "text":
        return [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                timestamp_key="time",
                # The default shows local variables too, and so the reader's program.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=False),
    ]
