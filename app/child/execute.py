"""The program run as Python runs a file, and what came of it."""

import sys
import traceback
import types
from collections.abc import Callable
from types import TracebackType
from typing import Any

from app.child.compile import COMPILE_ERRORS, FILENAME, Compiled, compile_program, line_of_code
from app.child.deadline import OURS, TimeIsUp
from app.child.text import RESULT_CHARACTERS, clean, safe_str
from app.events.kinds import Evaluated, Frame, Raised, Told

MAX_FRAMES = 100


def new_main() -> types.ModuleType:
    """A fresh `__main__`, as for a file."""
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=FILENAME, __builtins__=__builtins__)
    sys.modules["__main__"] = module
    return module


def execute(source: str, module: types.ModuleType, tell: Callable[[Told], None]) -> None:
    """Run `source` in `module`, and tell of its last value or of the error that ended it."""
    try:
        compiled = compile_program(source.removeprefix("\ufeff"))
    except COMPILE_ERRORS as error:
        _print_error(error)
        tell(_not_compiled(error))
        return
    try:
        shown = run_code(compiled, module.__dict__)
        if shown is not None:
            tell(Evaluated(clean(shown, RESULT_CHARACTERS)))
    except SystemExit as error:
        _print_exit(error)
    except BaseException as error:
        _print_error(error)
        tell(_raised(error))


def run_code(compiled: Compiled, names: dict[str, Any]) -> str | None:
    """The repr of the last bare expression, None without one. The deadline knows this name."""
    exec(compiled.body, names)
    value = eval(compiled.last, names) if compiled.last is not None else None
    return None if value is None else repr(value)


def _print_exit(error: SystemExit) -> None:
    """What the interpreter prints for `SystemExit("text")`."""
    if error.code is not None and not isinstance(error.code, int):
        print(safe_str(error.code, RESULT_CHARACTERS), file=sys.stderr)


def _not_compiled(error: BaseException) -> Raised:
    if isinstance(error, SyntaxError):
        line, column = error.lineno, error.offset
        message = safe_str(error.msg, RESULT_CHARACTERS)
        kind = type(error).__name__  # IndentationError and TabError are SyntaxErrors
    else:  # NUL bytes, nesting too deep for the compiler
        line, column, message, kind = None, None, safe_str(error, RESULT_CHARACTERS), "SyntaxError"
    return Raised(
        kind="syntax",
        type=kind,
        message=message,
        line=line if line and line > 0 else None,
        column=column if column and column > 0 else None,
        traceback=[],
    )


def _raised(error: BaseException) -> Raised:
    frames = _frames(error.__traceback__)
    return Raised(
        kind=_kind(error),
        type=clean(type(error).__name__, 200),
        message=safe_str(error, RESULT_CHARACTERS),
        line=frames[0].line if frames else None,
        column=None,
        traceback=frames,
    )


def _kind(error: BaseException) -> Any:
    if isinstance(error, TimeIsUp):
        return "time"
    # torch reports a failed allocation as a RuntimeError, known by its text alone.
    out_of_memory = isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "DefaultCPUAllocator: can't allocate" in str(error)
    )
    return "memory" if out_of_memory else "exception"


def _frames(trace: TracebackType | None) -> list[Frame]:
    """The frames in the reader's program, outermost first; the middle of a deep recursion goes."""
    frames = []
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename == FILENAME:
            function = clean(frame.f_code.co_name, 200)
            frames.append(Frame(function, line, clean(line_of_code(line), 1_000)))
    half = MAX_FRAMES // 2
    return frames if len(frames) <= MAX_FRAMES else frames[:half] + frames[-half:]


def _print_error(error: BaseException) -> None:
    """The traceback on stderr as Python prints it, without the frames that are ours."""
    try:
        if sys.excepthook is not sys.__excepthook__:
            sys.excepthook(type(error), error, _beyond_ours(error.__traceback__))
            return
        story = traceback.TracebackException.from_exception(error, compact=True)
        _drop_ours(story)
        print("".join(story.format()), end="", file=sys.stderr)
    except BaseException as failure:
        # The program may have closed stderr or broken its exception: it still gets told of.
        print(f"<{type(failure).__name__} while printing a traceback>", file=sys.__stderr__)


def _drop_ours(story: traceback.TracebackException) -> None:
    pending, seen = [story], set[int]()
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        kept = [frame for frame in each.stack if not frame.filename.startswith(OURS)]
        each.stack = traceback.StackSummary.from_list(kept)
        pending += [other for other in (each.__cause__, each.__context__) if other is not None]
        pending += getattr(each, "exceptions", None) or []


def _beyond_ours(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(OURS):
        trace = trace.tb_next
    return trace
