"""Warnings of a program: shown as ever, and events besides."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradfn.events.kinds import Warned
from gradfn.recorder.instrument.compile import FILENAME
from gradfn.recorder.read.text import clean, safe_str
from gradfn.recorder.recorder import line_of_program

MAX_TEXT = 20_000


@contextmanager
def watched_warnings(emit: Callable[[Warned], object]) -> Iterator[None]:
    """Meanwhile each warning that is shown is an event, at the reader's line that drew it."""
    module: Any = warnings
    show = module._showwarnmsg_impl  # showwarning is the program's to replace

    def show_and_emit(shown: warnings.WarningMessage) -> None:
        show(shown)
        own = shown.filename == FILENAME and shown.lineno > 0
        line = shown.lineno if own else line_of_program()
        emit(Warned(clean(shown.category.__name__, 200), safe_str(shown.message, MAX_TEXT), line))

    module._showwarnmsg_impl = show_and_emit
    try:
        yield
    finally:
        module._showwarnmsg_impl = show
