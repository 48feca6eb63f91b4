"""One text of PyTorch with its explanation, and such a text met in a run."""

from collections.abc import Callable
from dataclasses import dataclass

from gradfn.explain.advice.case import Case
from gradfn.model.document import Explanation

Details = Callable[["Text"], Explanation | None]


@dataclass(frozen=True, slots=True)
class Message:
    """A text of PyTorch, explained. `{0}` in the words is the pattern's first group.

    `details` completes the explanation from the run: the line that caused it, the edit. It gets the
    explanation with its words filled in, and returns None where it does not apply.
    """

    id: str
    pattern: str
    title: str
    why: str
    fix: str
    guide: str | None  # the chapter about it; None of what is Python's own
    details: Details | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A message that was met in a run, at a line; `groups` are its pattern's."""

    case: Case
    line: int | None
    groups: tuple[str, ...]
    explanation: Explanation
