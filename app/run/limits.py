"""What a run may use, and how many runs there may be: names, units, defaults, in one place.

Each is set by an environment variable of its name: GRADFN_WALL_SECONDS=20.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from app.events.kinds import MAX_FUNCTIONS

CORES = os.cpu_count() or 1
MOST = 1_000_000_000


class WrongLimit(Exception):
    """A limit in the environment is not a number of its kind, or out of its range."""


@dataclass(frozen=True, slots=True)
class Limits:
    """One run: time, memory, output, graph. All runs: children ready, running, waiting."""

    wall_seconds: float = 10.0
    grace_seconds: float = 2.0  # after it, for telling what there is; then the child is killed
    cpu_seconds: int = 12
    memory_mb: int = 1024  # above what an idle child uses
    output_bytes: int = 1_000_000  # stdout and stderr, each
    wire_bytes: int = 64_000_000  # everything a child tells
    events: int = 10_000
    functions: int = 100_000  # in the graph
    figures: int = 50
    open_files: int = 64
    source_bytes: int = 65_536

    ready_children: int = 2 * CORES
    running_children: int = 2 * CORES
    waiting_runs: int = 64

    client_runs_a_minute: int = 600
    client_runs_at_once: int = 16  # of one client: running and waiting

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """The limits, as the environment sets them; WrongLimit names the variable."""
        changed: dict[str, Any] = {}
        for field in fields(cls):
            variable = f"GRADFN_{field.name.upper()}"
            if variable in environment:
                changed[field.name] = _number(
                    variable, environment[variable], type(getattr(cls(), field.name))
                )
        return cls(**changed)


def _number(variable: str, text: str, kind: type) -> float:
    try:
        number: float = kind(text)
    except ValueError:
        number = 0
    most = MAX_FUNCTIONS if variable == "GRADFN_FUNCTIONS" else MOST
    if not 0 < number <= most:
        what = "whole number" if kind is int else "number"
        raise WrongLimit(f"{variable} must be a positive {what} up to {most:,}, not {text!r}")
    return number
