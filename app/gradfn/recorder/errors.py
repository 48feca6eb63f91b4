"""The exception that ended a program, as an event: in the reader's frames and words."""

import traceback
from types import TracebackType

from gradfn.events.kinds import Raised
from gradfn.events.run import Frame
from gradfn.recorder.instrument.compile import FILENAME, line_of_code
from gradfn.recorder.read.text import RESULT_CHARACTERS, clean, safe_str, type_name

MAX_FRAMES = 100
# torch reports a failed allocation as a RuntimeError, known by its text alone.
OUT_OF_MEMORY = ("DefaultCPUAllocator: can't allocate memory", "std::bad_alloc")


def not_compiled(error: BaseException) -> Raised:
    """The program is no Python; `error` is one of `compile.COMPILE_ERRORS`."""
    if isinstance(error, SyntaxError):
        line, column = error.lineno, error.offset
        message = safe_str(error.msg, RESULT_CHARACTERS)
        kind = type(error).__name__  # IndentationError and TabError are SyntaxErrors
    else:  # NUL bytes, or nesting that is too deep for the parser, which says nothing of it
        message = safe_str(error, RESULT_CHARACTERS) or "too deeply nested for Python's parser"
        line, column, kind = None, None, "SyntaxError"
    return Raised(
        kind="syntax",
        type=kind,
        message=message,
        line=line if line and line > 0 else None,
        column=column if column and column > 0 else None,
        traceback=[],
    )


def raised(
    error: BaseException, *, is_time: bool = False, frames: list[Frame] | None = None
) -> Raised:
    """The program ended in this exception; `is_time`: it was raised by a limit of time.

    `frames` are those of the program, outermost first, where it is not `program.py`.
    """
    frames = frames_of(error.__traceback__) if frames is None else frames
    out_of_memory = not is_time and _is_out_of_memory(error)
    return Raised(
        kind="time" if is_time else "memory" if out_of_memory else "exception",
        type=type_name(error),
        message=safe_str(error, RESULT_CHARACTERS),
        line=frames[0].line if frames else None,
        column=None,
        traceback=frames,
    )


def frames_of(trace: TracebackType | None) -> list[Frame]:
    """The frames in the reader's program, outermost first; the middle of a deep recursion goes."""
    frames = []
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename == FILENAME:
            function = clean(frame.f_code.co_name, 200)
            frames.append(Frame(function, line, clean(line_of_code(line), 1_000)))
    half = MAX_FRAMES // 2
    return frames if len(frames) <= MAX_FRAMES else frames[:half] + frames[-half:]


def _is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    text = safe_str(error, RESULT_CHARACTERS) if isinstance(error, RuntimeError) else ""
    return any(each in text for each in OUT_OF_MEMORY)
