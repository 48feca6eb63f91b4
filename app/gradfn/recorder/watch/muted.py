"""A time in which nothing is noted: code of the program runs, but not as part of the program."""

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gradfn.recorder.instrument.expressions import probe_name

_is_muted = False


def is_muted() -> bool:
    """Whether what runs is no part of the program."""
    return _is_muted


@contextmanager
def muted() -> Iterator[None]:
    """Meanwhile the probes in the program do nothing."""
    global _is_muted
    names = {probe_name(probe): act for probe, act in _SILENT.items()}
    spoken = {name: getattr(builtins, name, act) for name, act in names.items()}
    before, _is_muted = _is_muted, True
    vars(builtins).update(names)
    try:
        yield
    finally:
        vars(builtins).update(spoken)
        _is_muted = before


def silence(into: dict[str, Any]) -> None:
    """From now on the probes that code finds in these built-ins do nothing."""
    into.update({probe_name(probe): act for probe, act in _SILENT.items()})


def _nothing(*_: Any) -> None:
    pass


def _first(value: Any) -> Any:
    return value


def _second(_: Any, value: Any) -> Any:
    return value


_SILENT = {
    "at": _nothing,
    "took": _first,
    "made": _second,
    "named": _second,
    "bound": _nothing,
    "flush": _nothing,
    "entered": _nothing,
    "resumed": _first,
    "loops": _second,
    "looped": _nothing,
    "weighed": _second,
    "module": _nothing,
    "forward": _second,
}
