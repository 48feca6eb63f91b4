"""The program run as Python runs a file, and what came of it."""

import builtins
import linecache
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

from gradfn.child.program.deadline import StopRequested, TimeIsUp, expired
from gradfn.child.program.tracebacks import print_error
from gradfn.events.kinds import ChildEvent, Evaluated, Halted, Raised
from gradfn.jail.jail import release_reserve
from gradfn.recorder.errors import frames_of, not_compiled, raised
from gradfn.recorder.instrument.compile import (
    COMPILE_ERRORS,
    FILENAME,
    Compiled,
    compile_program,
)
from gradfn.recorder.read.text import RESULT_CHARACTERS, clean, safe_str
from gradfn.recorder.recorder import Recorder


def new_main() -> types.ModuleType:
    """A fresh `__main__`, as for a file."""
    module = types.ModuleType("__main__")
    module.__dict__.update(
        __annotations__={}, __builtins__=builtins, __file__=FILENAME, __cached__=None
    )
    sys.modules["__main__"] = module
    sys.argv = [FILENAME]
    return module


def execute(
    source: str, module: types.ModuleType, recorder: Recorder, emit: Callable[[ChildEvent], None]
) -> None:
    """Run `source` in `module`, and emit its last value or the error that ended it."""
    try:
        compiled = compile_program(source, probed=recorder.full, prepare=recorder.prepare)
    except COMPILE_ERRORS as error:
        failed = error
    else:
        with recorder.watching(compiled):
            _run(compiled, module, emit)
        return
    # Outside `except`, or our own frames and errors would be its context.
    if isinstance(failed, SyntaxError) and failed.text is None and failed.lineno:
        failed.text = linecache.getline(FILENAME, failed.lineno)  # the compiler looks for a file
    print_error(failed.with_traceback(None))
    emit(not_compiled(failed))


def _run(compiled: Compiled, module: types.ModuleType, emit: Callable[[ChildEvent], None]) -> None:
    errors = 0

    def emit_first(event: ChildEvent) -> None:
        """The time may be up while threads of a program that failed are waited for."""
        nonlocal errors
        errors += isinstance(event, Raised)
        if not (isinstance(event, Raised) and errors > 1):
            emit(event)

    if _watched(lambda: run_code(compiled, module.__dict__, emit), emit_first):
        _watched(join_threads, emit_first)


def run_code(compiled: Compiled, names: dict[str, Any], emit: Callable[[ChildEvent], None]) -> None:
    """Run the program and emit the repr of its last bare expression. `deadline` knows its name."""
    exec(compiled.body, names)
    value = eval(compiled.last, names) if compiled.last is not None else None
    if value is not None:
        emit(Evaluated(clean(repr(value), RESULT_CHARACTERS)))


def join_threads() -> None:
    """Wait for the program's threads, as the interpreter does. `deadline` knows its name."""
    if threading.active_count() > 1:  # it can be done only once, and a rehearsal comes first
        threading._shutdown()  # type: ignore[attr-defined]


def _watched(act: Callable[[], None], emit: Callable[[ChildEvent], None]) -> bool:
    """Do it, and emit the error that it ends in; whether there is time left."""
    try:
        act()
        failed: BaseException | None = None
    except SystemExit as error:
        _print_exit(error)
        failed = None
    except StopRequested as stopped:
        frames = frames_of(stopped.__traceback__)
        emit(Halted(frames[-1].line if frames else None))
        return False
    except BaseException as error:
        failed = error
    if failed is None:
        if not expired:
            return True
        failed = TimeIsUp(*expired)  # a `__del__` or a bare `except:` had swallowed it
    release_reserve()  # it may have been a MemoryError
    print_error(failed)
    emit(raised(failed, is_time=isinstance(failed, TimeIsUp)))
    return not isinstance(failed, TimeIsUp)


def _print_exit(error: SystemExit) -> None:
    """What the interpreter prints for `SystemExit("text")`."""
    if error.code is not None and not isinstance(error.code, int):
        print(safe_str(error.code, RESULT_CHARACTERS), file=sys.stderr)
