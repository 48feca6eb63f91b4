"""A program recorded in this very process, which is left as it was."""

import builtins
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager
from gc import get_objects
from typing import Any, Literal

from gradfn.events.kinds import ChildEvent, Evaluated
from gradfn.events.run import Program
from gradfn.events.source import normalised
from gradfn.recorder.errors import not_compiled, raised
from gradfn.recorder.instrument.compile import (
    COMPILE_ERRORS,
    FILENAME,
    Compiled,
    compile_program,
)
from gradfn.recorder.isolation import process_restored
from gradfn.recorder.observer import Observer
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.heap import tensors_among
from gradfn.recorder.read.release import release
from gradfn.recorder.read.tensors import Found, name_the_unnamed
from gradfn.recorder.read.text import RESULT_CHARACTERS, clean
from gradfn.recorder.recorder import Recorder, watched_backward
from gradfn.recorder.report.events import graph_events
from gradfn.recorder.warned import watched_warnings
from gradfn.recorder.watch.muted import silence

_one_at_a_time = threading.RLock()
_recording: list[Recorder] = []  # the outermost first


def record(
    source: str,
    names: dict[str, Any] | None = None,
    *,
    record: Literal["full", "graph"] = "full",
    max_values: int = 256,
    roots: list[str] | None = None,
    max_functions: int = 100_000,
    hidden: frozenset[str] = frozenset(),
    observer: Observer | None = None,
) -> list[ChildEvent]:
    """The events of a program that is run here: `Warned`, `Evaluated` or `Raised`, then its graph.

    The last ones are `GraphWalked`, `TensorsRead`, `Recorded` (if `record` is "full") and
    `VariablesBound`. The program runs in `names`, as with `exec`, or in a new `__main__`; it has
    the tensors in `names`, and no other tensor of the caller's is in the graph. What it prints is
    printed. Afterwards the process is as it was (`isolation.process_restored`). It can be called
    from any thread, also by a program that is being recorded; another thread waits its turn.

    `hidden` are names whose tensors are not looked at, though the program may use them.
    `observer` follows the program, if `record` is "full".

    An exception of the program is an event, SystemExit an end; KeyboardInterrupt is raised.
    """
    program = Program(
        code=normalised(source),
        max_values=max_values,
        roots=roots,
        steps=True,
        record=record,
        max_functions=max_functions,
    )
    recorder = Recorder(
        full=record == "full",
        max_values=max_values,
        observer=observer,
        foreign_threads=other_threads(),
    )
    with exclusive(recorder), process_restored():
        others = list(tensors_among(get_objects()))  # held, so the ids stay theirs
        return _record(program, names, recorder, frozenset(map(id, others)), hidden)


def _record(
    program: Program,
    names: dict[str, Any] | None,
    recorder: Recorder,
    others: frozenset[int],
    hidden: frozenset[str],
) -> list[ChildEvent]:
    namespace = _namespace(names)
    events: list[ChildEvent] = []
    with watched_backward(recorder), watched_warnings(events.append):
        try:
            compiled = compile_program(program.code, probed=recorder.full, prepare=recorder.prepare)
        except COMPILE_ERRORS as error:
            events.append(not_compiled(error))
        else:
            with _own_builtins(namespace) as own, recorder.watching(compiled, own):
                _run(compiled, namespace, events)
            silence(own)
        shown = {name: each for name, each in namespace.items() if name not in hidden}
        kept: list[tuple[Walk, Found]] = []

        def keep(walk: Walk, found: Found) -> None:
            kept.append((walk, found))
            name_the_unnamed(found, namespace)

        events += graph_events(shown, recorder, program, others, keep)
    for walk, found in kept:
        release(walk, [each.tensor for each in found.named.values()] + found.unnamed)
    return events


def _namespace(names: dict[str, Any] | None) -> dict[str, Any]:
    main = sys.modules.get("__main__")
    if names is not None and main is not None and vars(main) is names:
        return names  # a notebook's: what looks for a class by its module finds it
    module = types.ModuleType("__main__")
    module.__dict__.update(__annotations__={}, __file__=FILENAME, __cached__=None)
    sys.modules["__main__"] = module
    sys.argv = [FILENAME]
    return module.__dict__ if names is None else names


def _run(compiled: Compiled, names: dict[str, Any], events: list[ChildEvent]) -> None:
    try:
        exec(compiled.body, names)
        value = eval(compiled.last, names) if compiled.last is not None else None
        if value is not None:
            events.append(Evaluated(clean(repr(value), RESULT_CHARACTERS)))
    except SystemExit:
        pass
    except Exception as error:
        events.append(raised(error))


@contextmanager
def _own_builtins(names: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Built-ins of the program's own, for its probes: its functions keep them when it is over."""
    before = names.get("__builtins__", builtins)
    own = dict(vars(builtins))
    names["__builtins__"] = own
    try:
        yield own
    finally:
        names["__builtins__"] = before


@contextmanager
def exclusive(recorder: Recorder) -> Iterator[None]:
    """Meanwhile it is the one that records; a recording in another thread waits its turn.

    A recording of which this one is part sees none of its backward passes.
    """
    with _one_at_a_time:
        outer = _recording[-1] if _recording else None
        if outer is not None:
            outer.paused = True
        _recording.append(recorder)
        try:
            yield
        finally:
            _recording.remove(recorder)
            if outer is not None:
                outer.paused = False


def other_threads() -> frozenset[int]:
    """The threads that are there, but for this one."""
    own = threading.get_ident()
    return frozenset(
        thread.ident
        for thread in threading.enumerate()
        if thread.ident is not None and thread.ident != own
    )
