"""Tracebacks as the interpreter prints them, with the reader's lines and without ours.

The interpreter's own hooks look for the lines in a file, and the program is in none; these
find them where `compile.remember_lines` put them.
"""

import contextlib
import io
import sys
import sysconfig
import threading
import traceback
from itertools import zip_longest
from types import TracebackType

from gradfn.child.program.deadline import OURS

_interpreters_own = sys.__excepthook__
# Where packages lie, the longest name first: site-packages lies in the standard library's folder.
_FOLDERS = sorted(
    {f"{path}/" for path in (*sys.path, *sysconfig.get_paths().values()) if path not in ("", "/")},
    key=len,
    reverse=True,
)


def install_hooks() -> None:
    """Put ours in the place of the interpreter's."""
    sys.excepthook = sys.__excepthook__ = print_exception
    sys.unraisablehook = sys.__unraisablehook__ = print_unraisable
    threading.excepthook = threading.__excepthook__ = print_of_thread


def print_error(error: BaseException) -> None:
    """The error that ended the program on stderr, by the program's own hook if it has one."""
    drop_ours(error)
    try:
        sys.excepthook(type(error), error, error.__traceback__)
    except BaseException as failure:
        # The program may have closed stderr or broken its exception: it is still reported.
        with contextlib.suppress(BaseException):
            drop_ours(failure)
            print("Error in sys.excepthook:", file=sys.stderr)
            print_exception(type(failure), failure, failure.__traceback__)
            print("\nOriginal exception was:", file=sys.stderr)
            print_exception(type(error), error, error.__traceback__)


def print_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, /
) -> None:
    """What `sys.excepthook` prints."""
    story = traceback.TracebackException(kind, error, trace, compact=True)
    if trace is None:
        story.stack = None  # type: ignore[assignment]  # no frames, no headline
    _shorten(story)
    lines = list(story.format())
    if sys.version_info < (3, 12) and isinstance(error, NameError | AttributeError):
        lines.append(_suggestion(kind, error, trace, lines.pop()))
    print("".join(lines), end="", file=sys.stderr)


def print_of_thread(args: threading.ExceptHookArgs, /) -> None:
    """What `threading.excepthook` prints."""
    if args.exc_type is SystemExit or args.exc_value is None:
        return
    name = args.thread.name if args.thread is not None else threading.get_ident()
    print(f"Exception in thread {name}:", file=sys.stderr)
    print_exception(args.exc_type, args.exc_value, args.exc_traceback)


def print_unraisable(args: "sys.UnraisableHookArgs", /) -> None:
    """What `sys.unraisablehook` prints of an exception that nobody can catch, as in `__del__`."""
    what = args.err_msg or "Exception ignored in"
    if args.object is not None:
        what = f"{what}: {args.object!r}"
    error = args.exc_value or args.exc_type()
    story = traceback.TracebackException(args.exc_type, error, args.exc_traceback)
    _shorten(story)
    print(what, "".join(story.format(chain=False)), sep="\n", end="", file=sys.stderr)


def drop_ours(error: BaseException) -> None:
    """Take the frames of our code out of the error, and of all errors it came from."""
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = _without_ours(each.__traceback__)
        pending += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            pending += each.exceptions


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    kept = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(OURS):
            kept.append(trace)
        trace = trace.tb_next
    for each, following in zip_longest(kept, kept[1:]):
        each.tb_next = following
    return kept[0] if kept else None


def _shorten(story: traceback.TracebackException) -> None:
    """Files as `torch/nn/modules/linear.py`: where this machine keeps them helps nobody."""
    pending: list[traceback.TracebackException | None] = [story]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        for frame in each.stack or ():
            frame.line  # noqa: B018 - reads it by the whole name, and keeps it
            frame.filename = _short(frame.filename)
        pending += [each.__cause__, each.__context__, *(getattr(each, "exceptions", None) or ())]


def _short(filename: str) -> str:
    for folder in _FOLDERS:
        if filename.startswith(folder):
            return filename.removeprefix(folder)
    return filename


def _suggestion(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, line: str
) -> str:
    """The last line, with "Did you mean", which before 3.12 the interpreter alone knows."""
    printed = io.StringIO()
    with contextlib.redirect_stderr(printed):
        _interpreters_own(kind, error, trace)
    _, found, more = printed.getvalue().rpartition(line.rstrip("\n"))
    return line.rstrip("\n") + more if found and more.startswith(". Did you mean") else line
