"""Errors and warnings of PyTorch and Python, explained.

Each file here that has `MESSAGES` adds them. A message is recognised by the stable core of its
text.
"""

import logging
import re
from importlib import import_module
from pkgutil import iter_modules

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.messages.message import Message, Text
from gradfn.model.document import Explanation

log = logging.getLogger("gradfn.explain")


def explain_text(case: Case, text: str, line: int | None) -> Explanation | None:
    """The explanation of an error or a warning of PyTorch; None of one that is not known."""
    for message in MESSAGES:
        if (found := re.search(message.pattern, text[:4000])) is None:
            continue
        groups = tuple(group or "" for group in found.groups())
        plain = Explanation(
            message.id,
            message.title,
            message.why.format(*groups),
            message.fix.format(*groups),
            line,
            guide=f"/guide/{message.guide}" if message.guide else None,
        )
        try:
            explained = (
                message.details(Text(case, line, groups, plain)) if message.details else plain
            )
        except Exception:  # the general text is still right, and the run must not be lost
            log.exception("could not complete %s", message.id)
            explained = plain
        if explained is not None:
            return explained
    return None


MESSAGES: tuple[Message, ...] = tuple(
    message
    for module in sorted(iter_modules(__path__), key=lambda each: each.name)
    for message in getattr(import_module(f"{__name__}.{module.name}"), "MESSAGES", ())
)
