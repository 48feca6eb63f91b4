"""One program, once: from the jail to the last event."""

import atexit
import contextlib
import io
import os
import random
import resource
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
import torch

from gradfn.child.files.install import files_written, install_files
from gradfn.child.live.control import LiveControl
from gradfn.child.live.graph import LiveGraph
from gradfn.child.live.metadata import Metadata
from gradfn.child.live.parameters import Controls
from gradfn.child.live.training import TrainingStates
from gradfn.child.live.views import Views
from gradfn.child.program.deadline import deadline, pending
from gradfn.child.program.execute import execute, new_main
from gradfn.child.program.figures import Gallery
from gradfn.child.streams import (
    Emit,
    asking_stdin,
    open_streams,
    receive_program,
    watch_stdout,
    wire,
)
from gradfn.child.substitutes.install import install_substitutes
from gradfn.child.warm import FEW_LINES, TRAINING_STEP, settle_child
from gradfn.events.kinds import ChildEvent, Finished, RecorderFailed
from gradfn.events.run import Program
from gradfn.events.wire import encode
from gradfn.jail.jail import Jail, release_reserve
from gradfn.recorder.failures import Failures
from gradfn.recorder.read.graph import Walk
from gradfn.recorder.read.tensors import Found
from gradfn.recorder.recorder import Recorder, watched_backward
from gradfn.recorder.report.events import graph_events
from gradfn.recorder.warned import watched_warnings

RECURSION_LIMIT = sys.getrecursionlimit()
# A walked graph may overflow the C stack when it is dropped: gradfn.recorder.read.release.
KEPT: list[object] = []


def run_once(jail: Jail, parent: int) -> NoReturn:
    """Wait in the jail for a program, run it, report it, and end; with the parent at the latest.

    By `os._exit`, which drops nothing: a walked graph may overflow the C stack when it is dropped.
    """
    jail.enter(parent)
    program = receive_program(rehearse_briefly)
    if program is None:  # nobody has one for this child any more
        os._exit(0)
    open_streams()
    emit = wire()
    cpu_seconds = program.cpu_seconds
    with contextlib.suppress(ValueError):  # the jail may have given less
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    tree = install_files()
    install_substitutes(program, emit)
    before = resource.getrusage(resource.RUSAGE_SELF)
    control = run_program(program, emit)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(Exception):  # the program may have closed it
            stream.flush()  # type: ignore[union-attr]
    for written in files_written(tree, with_data=program.keep_files):
        emit(written)
    emit(_finished(before, resource.getrusage(resource.RUSAGE_SELF)))
    if control is not None:
        control.answer_until_closed()
    os._exit(0)


def run_program(
    program: Program, emit: Emit, make_room: Callable[[], None] = release_reserve
) -> LiveControl | None:
    """Run the program, then make room in memory and emit what came of it.

    Returns the control of a live run, which may evaluate expressions after its end.
    """
    _seed(program.seed)
    module = new_main()
    names = module.__dict__
    failures = Failures()
    control = _control(program, names, emit, failures)
    recorder = Recorder(
        full=program.record == "full",
        max_values=program.max_values,
        failures=failures,
        observer=control,
        interruptions=pending,
    )
    if control is not None:
        asking_stdin(control.read_line)
        control.graph = LiveGraph(recorder, names, program, emit)
    gallery = Gallery(emit, program.max_figures, control.plt_pause if control else None)
    watch_stdout(recorder.printed)
    with watched_backward(recorder), watched_warnings(emit):
        with deadline(program.wall_seconds):
            execute(program.code, module, recorder, emit)
        if control is not None:
            control.training.emit_now()
        make_room()
        sys.settrace(None)  # what the program watches by is for its own lines, not for ours
        sys.setprofile(None)
        sys.setrecursionlimit(RECURSION_LIMIT)  # the program may have left it too low for us
        for event in graph_events(names, recorder, program, keep=_keep):
            emit(event)
        gallery.show_left_open()  # last, for drawing may take all the time there is
    if recorder.failures.counts:
        emit(RecorderFailed(dict(recorder.failures.counts)))
    if control is not None:
        KEPT.append(recorder)
    return control


def _control(
    program: Program, names: dict[str, Any], emit: Emit, failures: Failures
) -> LiveControl | None:
    if program.live is None:
        return None
    metadata = Metadata.in_source(program.code)
    speed = metadata.speed if program.live.speed is None else program.live.speed
    controls = Controls(names, metadata, speed)
    views = Views(names, metadata)
    training = TrainingStates(emit, controls, views, program.max_values, failures)
    return LiveControl(emit, program.live, training, controls)


def _keep(walk: Walk, found: Found) -> None:
    KEPT.append(walk)


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


def rehearse() -> None:
    """Run a training step through a whole life, in the fork server.

    The programs then find in place what they need for the first time.
    """
    _rehearse(TRAINING_STEP.format(optimizer="torch.optim.SGD(net.parameters(), 0.1)"))


def rehearse_briefly() -> None:
    """Run few lines through a whole life, in a child: the pages that it writes to are copied."""
    _rehearse(FEW_LINES)


def _rehearse(code: str) -> None:
    program = Program(code=code)
    nowhere = io.StringIO()  # where the output goes
    rehearsed: list[ChildEvent] = []
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        run_program(program, rehearsed.append, make_room=lambda: None)  # a reserve goes only once
        list(map(encode, rehearsed))
    KEPT.clear()
    settle_child()
