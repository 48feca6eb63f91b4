"""What PyTorch says, and what is behind it: one file for each family of texts, found by itself.

A file has `MESSAGES`. A message is recognised by the stable core of its text.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from gradfn.explain.advice.case import Case
from gradfn.model.document import Explanation

log = logging.getLogger("gradfn.explain")

ChildEvent = Callable[["Text"], Explanation | None]


@dataclass(frozen=True, slots=True)
class Message:
    """A text of PyTorch, explained. `{0}` in the words is the pattern's first group.

    `told` completes the explanation from the run: the line that caused it, the edit. It gets the
    explanation with its words filled in, and may decline by None.
    """

    id: str
    pattern: str
    title: str
    why: str
    fix: str
    guide: str
    told: ChildEvent | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A message that was met in a run, at a line; `groups` are its pattern's."""

    case: Case
    line: int | None
    groups: tuple[str, ...]
    explanation: Explanation


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
            guide=f"/guide/{message.guide}",
        )
        try:
            told = message.told(Text(case, line, groups, plain)) if message.told else plain
        except Exception:  # the words are right all the same, and the run must not be lost
            log.exception("could not complete %s", message.id)
            told = plain
        if told is not None:
            return told
    return None


MESSAGES: tuple[Message, ...] = tuple(
    message
    for module in sorted(iter_modules(__path__), key=lambda each: each.name)
    for message in import_module(f"{__name__}.{module.name}").MESSAGES
)
