"""One program, once: from the jail to the last word."""

import atexit
import contextlib
import io
import os
import random
import resource
import select
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
import torch

from gradfn.child.jail.jail import Jail, release_reserve
from gradfn.child.live.charts import Views
from gradfn.child.live.commands import REQUEST, read_frame
from gradfn.child.live.control import LiveControl
from gradfn.child.live.graph import LiveGraph
from gradfn.child.live.metadata import Metadata
from gradfn.child.live.parameters import Controls
from gradfn.child.live.training import TrainingStates
from gradfn.child.program.deadline import deadline, pending
from gradfn.child.program.execute import execute, new_main
from gradfn.child.program.figures import Gallery
from gradfn.child.warm import TRAINING_STEP, settle_child
from gradfn.events.kinds import ChildEvent, Finished, Program, Warned
from gradfn.events.wire import decode_program, encode
from gradfn.recorder.instrument.compile import FILENAME
from gradfn.recorder.read.graph import walk_functions
from gradfn.recorder.read.tensors import find_tensors, reached, read_tensors, read_variables
from gradfn.recorder.read.text import clean, safe_str
from gradfn.recorder.recorder import Recorder, line_of_program, watched_backward
from gradfn.recorder.report.report import report_recording

RECURSION_LIMIT = sys.getrecursionlimit()
STDOUT, STDERR, WIRE = 1, 2, 3
UNHEARD = 71  # the exit code of a program that closed its wire; `gradfn.run.verdict` knows it
Tell = Callable[[ChildEvent], None]
# A walked graph of 50,000 functions would overflow the C stack when it is dropped.
KEPT: list[object] = []


def live(jail: Jail) -> NoReturn:
    """Wait in the jail for a program, run it, tell of it, and be gone.

    Gone by `os._exit`: dropping a walked graph of 50,000 functions would overflow the C stack.
    """
    jail.enter()
    if not _request_waits():
        _rehearse()
    _open_streams()
    program, tell = decode_program(read_frame()), _write_to_wire()
    if program.live is not None:  # its descriptor brings orders
        sys.stdin = sys.__stdin__ = io.TextIOWrapper(io.BytesIO())  # type: ignore[misc]
    cpu_seconds = program.cpu_seconds
    with contextlib.suppress(ValueError):  # the jail may have given less
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    before = resource.getrusage(resource.RUSAGE_SELF)
    kept = tell_of(program, tell)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):
            stream.flush()  # type: ignore[union-attr]
    tell(_finished(before, resource.getrusage(resource.RUSAGE_SELF)))
    if isinstance(kept, LiveControl):
        kept.linger()
    os._exit(0)


def tell_of(
    program: Program, tell: Tell, make_room: Callable[[], None] = release_reserve
) -> LiveControl | None:
    """Run the program, then make room in memory and tell what came of it.

    Gives what a live run obeys by, for it may be asked things after its end.
    """
    _seed(program.seed)
    module = new_main()
    steering = _steering(program, module.__dict__, tell)
    recorder = Recorder(
        full=program.record == "full",
        max_values=program.max_values,
        observer=steering,
        interruptions=pending,
    )
    if steering is not None:
        steering.moments = LiveGraph(recorder, module.__dict__, program, tell)
    gallery = Gallery(tell, program.max_figures, steering.pause if steering else None)
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Watched):
        raw.watcher = recorder.printed
    with watched_backward(recorder), _watched_warnings(tell):
        with deadline(program.wall_seconds):
            execute(program.code, module, recorder, tell)
        if steering is not None:
            steering.states.tell_now()
        make_room()
        sys.settrace(None)  # what the program watches by is for its own lines, not for ours
        sys.setprofile(None)
        sys.setrecursionlimit(RECURSION_LIMIT)  # the program may have left it too low for us
        _tell_graph(module.__dict__, recorder, program, tell)
        gallery.show_left_open()  # last, for drawing may take all the time there is
    if steering is not None:
        KEPT.append(recorder)
    return steering


def _steering(program: Program, names: dict[str, Any], tell: Tell) -> LiveControl | None:
    if program.live is None:
        return None
    declared = Metadata.in_source(program.code)
    speed = declared.speed if program.live.speed is None else program.live.speed
    controls = Controls(names, declared, speed)
    states = TrainingStates(tell, controls, Views(names, declared), program.max_values)
    return LiveControl(tell, program.live, states, controls)


def _tell_graph(names: dict[str, Any], recorder: Recorder, program: Program, tell: Tell) -> None:
    found = find_tensors(names)
    roots = found.roots(program.roots)
    if program.roots is None:
        roots += recorder.roots
    walk = walk_functions(roots, program.max_functions)
    if program.live is not None:
        KEPT.append(walk)
    found = reached(found, walk, program.roots)
    tell(walk.walked)
    read = read_tensors(found, walk, program.max_values)
    if recorder.marks is None:
        tell(read)
    else:
        for record in report_recording(recorder, walk, found, read, names, program):
            tell(record)
    tell(read_variables(names, found))


def _finished(before: resource.struct_rusage, after: resource.struct_rusage) -> Finished:
    cpu_seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    # A forked process starts with the peak it has at that moment, so the rest is its own.
    return Finished(cpu_seconds * 1e3, (after.ru_maxrss - before.ru_maxrss) / 1024)


def _seed(seed: int | None) -> None:
    """Fresh random numbers for every program, for all children are forked from one state."""
    if seed is None:
        seed = int.from_bytes(os.urandom(8), "little") >> 1
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


@contextlib.contextmanager
def _watched_warnings(tell: Tell) -> Iterator[None]:
    """Warnings are shown as ever, and told of."""
    module: Any = warnings
    show = module._showwarnmsg_impl  # showwarning is the program's to replace

    def show_and_tell(shown: warnings.WarningMessage) -> None:
        show(shown)
        own = shown.filename == FILENAME and shown.lineno > 0
        line = shown.lineno if own else line_of_program()
        tell(Warned(clean(shown.category.__name__, 200), safe_str(shown.message, 20_000), line))

    module._showwarnmsg_impl = show_and_tell
    try:
        yield
    finally:
        module._showwarnmsg_impl = show


def _write_to_wire() -> Tell:
    # A warning may come from another thread, or from a finalizer while this one writes.
    lock, write, leave = threading.RLock(), os.write, os._exit

    def tell(record: ChildEvent) -> None:
        frame = memoryview(encode(record))
        with lock:
            try:
                while frame:
                    frame = frame[write(WIRE, frame) :]
            except OSError:
                leave(UNHEARD)

    return tell


class _Watched(io.FileIO):
    """A descriptor; `watcher` hears of what is written to it."""

    watcher: Callable[[bytes], None] | None = None

    def write(self, data: Any, /) -> int:
        """As ever."""
        count = super().write(data)
        if self.watcher is not None:
            self.watcher(bytes(data[:count]))
        return count


def _open_streams() -> None:
    """The standard streams as Python opens them for pipes, but written line by line.

    A program that is killed has then shown what it printed.
    """
    for name, descriptor, errors in (
        ("stdin", REQUEST, "strict"),
        ("stdout", STDOUT, "strict"),
        ("stderr", STDERR, "backslashreplace"),
    ):
        if name == "stdin":
            stream = open(descriptor, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115
        else:
            buffer = io.BufferedWriter(_Watched(descriptor, "w", closefd=False))
            stream = io.TextIOWrapper(buffer, "utf-8", errors, line_buffering=True)
            vars(stream)["mode"] = "w"  # as `open` has it
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _request_waits() -> bool:
    return bool(select.select([REQUEST], [], [], 0)[0])


def _rehearse() -> None:
    """Run a small program through a whole life, its output going nowhere."""
    program = Program(code=TRAINING_STEP.format(optimizer="torch.optim.SGD(net.parameters(), 0.1)"))
    nowhere = io.StringIO()
    rehearsed: list[ChildEvent] = []
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        tell_of(program, rehearsed.append, make_room=lambda: None)  # a reserve is given up once
        list(map(encode, rehearsed))
    settle_child()
