"""Mistakes that PyTorch does not report.

Each file here has `LINTS`: functions from a case to what they find.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from itertools import islice
from pkgutil import iter_modules

from gradfn.explain.advice.case import Case
from gradfn.model.document import Diagnostic

log = logging.getLogger("gradfn.explain")

Lint = Callable[[Case], Iterable[Diagnostic]]
MOST = 3  # of one kind; one mistake often shows in many places


def mistakes(case: Case) -> tuple[Diagnostic, ...]:
    """What is likely wrong in the program: where, why, and what to do."""
    found: list[Diagnostic] = []
    for lint in LINTS:
        try:
            found += islice(lint(case), MOST)
        except Exception:  # one that fails must not lose the run
            log.exception("a lint failed: %s", lint.__name__)
    return tuple(replace(each, guide=f"/guide/{each.guide}") for each in found)


LINTS: tuple[Lint, ...] = tuple(
    lint
    for module in sorted(iter_modules(__path__), key=lambda each: each.name)
    for lint in import_module(f"{__name__}.{module.name}").LINTS
)
