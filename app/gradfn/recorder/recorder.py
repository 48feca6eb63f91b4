"""What is noted while the program runs: its backward passes, and with `full` everything else."""

import builtins
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any

from gradfn.events.recorded import PassCall
from gradfn.recorder.failures import Failures
from gradfn.recorder.instrument.compile import FILENAME, Compiled, Prepare
from gradfn.recorder.instrument.expressions import PROBES, probe_name
from gradfn.recorder.observer import Observer
from gradfn.recorder.torch_internals import (
    ENGINE,
    ENGINE_MODULES,
    Node,
    is_tensor,
    node_of,
    without_user_hooks,
)
from gradfn.recorder.watch.backward import Pass, Passes
from gradfn.recorder.watch.modules import ModuleCalls, watched_modules
from gradfn.recorder.watch.muted import is_muted
from gradfn.recorder.watch.notes import Notes
from gradfn.recorder.watch.probes import Probes
from gradfn.recorder.watch.saved_hooks import SavedTensorHooks, watched_hooks
from gradfn.recorder.watch.snapshots import Snapshots, no_active_modes
from gradfn.recorder.watch.swaps import watched_swaps

MAX_PASSES = 64
MAX_PRINTED = 300_000  # bytes
HOOKS = frozenset(
    "register_hook register_prehook register_full_backward_hook "
    "register_full_backward_pre_hook register_module_full_backward_hook".split()
)


class Recorder:
    """The notes of one program; `full` is False when it is only walked at its end."""

    def __init__(
        self,
        *,
        full: bool,
        max_values: int,
        failures: Failures | None = None,
        observer: Observer | None = None,
        interruptions: list[BaseException] | None = None,
        foreign_threads: frozenset[int] = frozenset(),
        frames_of: "Callable[[FrameType | None], list[FrameType]] | None" = None,
    ) -> None:
        # The active frames of what is recorded, innermost first.
        self.frames_of = frames_of or frames_of_program
        self.full, self._max_values, self.observer = full, max_values, observer
        # Exceptions to raise in the program at its next line.
        self._interruptions: list[BaseException] = [] if interruptions is None else interruptions
        self.failures = Failures() if failures is None else failures
        self.paused = False  # what runs is recorded by another recorder
        self._foreign_threads = foreign_threads  # those that are not the program's
        self._roots: dict[tuple[int, ...], list[Node]] = {}
        self._unnoted: dict[tuple[int, ...], tuple[PassCall, int]] = {}
        self._noted: dict[tuple[int, ...], Pass] = {}  # of each calling line the latest
        self.notes = Notes([], max_values)
        self.modules = ModuleCalls(self._module_gave)
        self.hooked = SavedTensorHooks()
        self.passes = Passes(self.notes.snapshots, self.hooked.covers)
        self.probes: Probes | None = None
        self.latest_pass: Pass | None = None  # the one that ended last, where it was noted

    @property
    def prepare(self) -> Prepare | None:
        """What is to be done to the program before it is compiled."""
        return None if self.observer is None else self.observer.prepare

    @property
    def roots(self) -> list[Node]:
        """The functions from which backward passes started: of each calling line, the latest.

        A root often dies with the function that called backward(), and its graph with it. Only
        the nodes are held, never the root tensor, and only one pass a line: the passes of a loop
        look alike, and holding them all would keep every iteration's graph.
        """
        return [node for nodes in self._roots.values() for node in nodes]

    @property
    def sees_this_thread(self) -> bool:
        """Whether what this thread does now is the program's."""
        return not self.paused and threading.get_ident() not in self._foreign_threads

    @contextmanager
    def watching(self, compiled: Compiled, into: dict[str, Any] | None = None) -> Iterator[None]:
        """Meanwhile the probes in the program note what it does.

        `into` are the program's built-ins, where its code finds the probes; by default those of
        this process. They stay there, for its functions may be called when it is over.
        """
        into = vars(builtins) if into is None else into
        if not compiled.sites:
            yield
            return
        self.notes = Notes(compiled.sites, self._max_values)
        # A single saved tensor gets hooks by a method of C++, which cannot be watched.
        self.hooked = SavedTensorHooks(
            everything=any(s.name == "register_hooks" for s in compiled.sites)
        )
        hooks = any(site.name in HOOKS for site in compiled.sites)
        self.passes = Passes(self.notes.snapshots, self.hooked.covers, everything=hooks)
        self.probes = probes = Probes(
            compiled.sites,
            self.notes,
            self.passes,
            self.modules.clear,
            self.failures,
            observer=self.observer,
            interruptions=self._interruptions,
        )
        for probe in PROBES:
            into[probe_name(probe)] = getattr(probes, probe)
        forget = self.notes.snapshots.forget
        with watched_modules(self.modules), watched_hooks(self.hooked), watched_swaps(forget):
            yield

    def printed(self, text: bytes) -> None:
        """The program wrote to its standard output."""
        notes = self.notes
        if notes.steps and notes.printed_bytes < MAX_PRINTED:
            notes.printed_bytes += len(text)
            notes.printed.append((notes.step, text))

    def _module_gave(self, value: Any) -> None:
        probes = self.probes
        if probes is not None and probes.armed and is_tensor(value):
            try:
                self.notes.snapshots.current(value, probes.statement_now, self.notes.step)
            except Exception as error:  # the program must not notice
                self.failures.count("module_result", error)

    def pass_begins(self, roots: Any, arguments: Any, *, accumulates: bool) -> Callable[[], None]:
        """Note a backward pass that is about to run; call what this gives when it is over."""
        self.latest_pass = None
        key = tuple(frame.f_lineno for frame in self.frames_of(sys._getframe(2)))
        with nullcontext() if no_active_modes() else without_user_hooks():
            if key in self._roots or len(self._roots) < MAX_PASSES:
                nodes = [node_of(root) for root in roots]
                self._roots[key] = [node for node in nodes if node is not None]
                self._unnoted.pop(key, None)
            probes = self.probes
            call: PassCall = "backward" if accumulates else "grad"
            if probes is None:
                return _nothing
            passes = self.passes
            if not probes.armed or self.passes.full:
                if key in self._roots:
                    self._unnoted[key] = (call, probes.stack_now())
                if self.observer is None or not self.observer.wants_next_pass:
                    return _nothing
                snapshots = Snapshots(self._max_values)  # looked at once, and forgotten
                passes = Passes(snapshots, self.hooked.covers)
            try:
                step, stack, site = self.notes.step, probes.stack_now(), probes.statement_now
                end = passes.begin(step, stack, site, roots, arguments, call)
                self.latest_pass = passes.passes[-1]
                if passes is self.passes and key in self._roots:
                    self._noted[key] = self.latest_pass
                return end
            except Exception as error:  # the program must not notice
                self.failures.count("pass_begins", error)
                return _nothing

    def note_last_passes(self) -> None:
        """The last pass of each line, if it was not noted: it went over the graph that is shown."""
        for key, one in self._noted.items():
            if one.is_dropped:
                self._unnoted.setdefault(key, (one.call, one.stack))
        for key, (call, stack) in self._unnoted.items():
            self.passes.add(self.notes.step, stack, call, self._roots[key])


def _nothing() -> None:
    """What is to be done after a pass that is not noted."""


@contextmanager
def watched_backward(recorder: Recorder) -> Iterator[None]:
    """Meanwhile the recorder sees every `backward()` and `autograd.grad()`."""
    if not ENGINE_MODULES:
        yield
        return
    run = getattr(ENGINE_MODULES[0], ENGINE)

    def _engine_run_backward(t_outputs: Any, *args: Any, **kwargs: Any) -> Any:
        if is_muted() or not recorder.sees_this_thread:
            return run(t_outputs, *args, **kwargs)
        accumulates = kwargs.get("accumulate_grad", False)
        end = recorder.pass_begins(t_outputs, args, accumulates=accumulates)
        try:
            gradients = run(t_outputs, *args, **kwargs)
        finally:
            end()
        if recorder.observer is not None:
            frames = frames_of_program(sys._getframe(1))
            recorder.observer.pass_ended(t_outputs, frames, recorder.latest_pass)
        return gradients

    for module in ENGINE_MODULES:
        setattr(module, ENGINE, _engine_run_backward)
    try:
        yield
    finally:
        for module in ENGINE_MODULES:
            setattr(module, ENGINE, run)


def frames_of_program(frame: FrameType | None) -> list[FrameType]:
    """The active frames of the reader's program, innermost first."""
    frames = []
    while frame is not None:
        if frame.f_code.co_filename == FILENAME:
            frames.append(frame)
            if frame.f_code.co_name == "<module>":  # around it are frames of ours alone
                break
        frame = frame.f_back
    return frames


def line_of_program() -> int | None:
    """The reader's line that is running now, in the innermost frame."""
    frames = frames_of_program(sys._getframe(1))
    return frames[0].f_lineno if frames else None
