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
from gradfn.model.document import Certainty, Diagnostic

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
    ids = {each.id for each in found}
    return tuple(
        replace(each, guide=f"/guide/{each.guide}", certainty=CERTAINTY.get(each.id, "likely"))
        for each in found
        if not ids & FOLLOWS_FROM.get(each.id, frozenset())
    )


# What an error, a number or an exact rule of Python or PyTorch shows is certain. What is often
# intended is only worth a look. All other mistakes are likely ones.
CERTAINTY: dict[str, Certainty] = {
    "not-called": "certain",
    "nan-in-backward-pass": "certain",
    "where-nan": "certain",
    "not-finite-in-forward": "certain",
    "gradient-explodes-here": "certain",
    "grad-is-none": "certain",
    "leaf-rebound": "certain",
    "optimizer-of-frozen": "certain",
    "step-without-gradient": "certain",
    "cleared-before-step": "certain",
    "softmax-of-one": "certain",
    "zero-derivative": "certain",
    "custom-none": "certain",
    "flag-on-a-slice": "certain",
    "parameter-converted": "certain",
    "parameter-without-gradient": "certain",
    "forward-called-directly": "certain",
    "loss-is-a-leaf": "certain",
    "optimizer-of-others": "certain",
    "learning-rate-zero": "certain",
    "penalty-without-graph": "likely",
    "graph-retained": "worth a look",
    "micro-batches-summed": "worth a look",
    "log-of-softmax": "worth a look",
    "losses-kept": "worth a look",
    "dead-relu": "worth a look",
    "saturated": "worth a look",
    "vanishing": "worth a look",
    "exploding": "worth a look",
    "second-name": "worth a look",
}

# A mistake that another one explains is not listed beside it.
FOLLOWS_FROM: dict[str, frozenset[str]] = {
    "cleared-before-step": frozenset(("step-without-gradient",)),
    "optimizer-of-frozen": frozenset(("loss-is-a-leaf", "optimizer-of-others")),
    "parameter-without-gradient": frozenset(("loss-is-a-leaf", "cut-by-number")),
    "parameter-in-no-optimizer": frozenset(("parameter-converted", "optimizer-of-others")),
    "graph-retained": frozenset(("penalty-without-graph", "parameter-converted")),
    "exploding": frozenset(("gradient-explodes-here",)),
}


LINTS: tuple[Lint, ...] = tuple(
    lint
    for module in sorted(iter_modules(__path__), key=lambda each: each.name)
    for lint in import_module(f"{__name__}.{module.name}").LINTS
)
