"""Between two lines of its program, a live run looks for commands, and waits while it is paused.

Looking costs a glance at the clock, and a system call a hundred times a second. A paused run waits
for the pipe, so it uses no processor, and its time does not run out.
"""

import ast
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from gradfn.child.live.commands import Commands
from gradfn.child.live.evaluate import answer
from gradfn.child.live.parameters import Controls
from gradfn.child.live.training import TrainingStates
from gradfn.child.program.deadline import StopRequested, suspended
from gradfn.events.commands import Ask, By, Change, Command, Enter, Pause, Resume, Step, Stop
from gradfn.events.kinds import ChildEvent, Paused, Resumed, Warned
from gradfn.events.run import Live
from gradfn.recorder.read.text import clean
from gradfn.recorder.recorder import frames_of_program

if TYPE_CHECKING:
    from gradfn.child.live.graph import LiveGraph
    from gradfn.recorder.watch.backward import Pass

CHECK_SECONDS = 0.01


class LiveControl:
    """The `Observer` of a live run: pauses, steps and stops the program, and sets its controls."""

    def __init__(
        self,
        emit: Callable[[ChildEvent], None],
        live: Live,
        training: TrainingStates,
        controls: Controls,
    ) -> None:
        self.training, self._emit, self._controls = training, emit, controls
        self.graph: LiveGraph | None = None  # made later: it needs the recorder, which has this
        self._commands = Commands()
        self._stop_requested = False
        self._initial_values = dict(live.controls)
        self._pause_at: By | None = "line" if live.paused else None
        self._passes_at_step = 0
        self._next_check = 0.0
        self._paced_passes, self._next_iteration = 0, 0.0
        self._thread = threading.get_ident()
        self._can_ask, self._entered = True, False
        self._line: str | None = None  # that was entered

    def prepare(self, tree: ast.Module) -> None:
        """Find the controls, and give them the values that the run begins with."""
        left_out = self._controls.find_literals(tree, self._initial_values)
        self._emit(self._controls.current())
        for name in left_out:
            why = f"There is no control {clean(name, 100)} for such a value; it was left out."
            self._emit(Warned("NoSuchControl", why, None))

    def at_line(self, frame: FrameType) -> None:
        """A line is about to run. StopRequested when it must not."""
        if self._controls.early:
            self._controls.set_early()
        now = time.monotonic()
        if now < self._next_check and self._pause_at != "line" and not self._stop_requested:
            return
        if threading.get_ident() != self._thread:
            return
        self._next_check = now + CHECK_SECONDS
        self.training.emit_if_due(now)
        while (command := self._commands.take(0)) is not None:
            self._execute(command, None)
        if self._pause_at == "line":
            self._pause(frame)
        if self._stop_requested:  # at every line, for a bare `except:` would swallow a single one
            raise StopRequested

    def at_iteration(self) -> None:
        """An iteration begins: of those in which a backward pass ran, each takes its time."""
        passes = self.training.count
        if self._pause_at == "iteration" and (passes > self._passes_at_step or passes == 0):
            self._pause_at = "line"
        if passes > self._paced_passes and (speed := self._controls.speed):
            self._wait(self._next_iteration - time.monotonic())
            self._next_iteration = max(self._next_iteration, time.monotonic()) + 1 / speed
            self._paced_passes = passes

    @property
    def wants_next_pass(self) -> bool:
        """Whether the next backward pass is to be recorded, along every edge."""
        is_own = threading.get_ident() == self._thread
        return self.graph is not None and is_own and self.graph.is_due()

    def pass_ended(self, roots: Any, frames: list[FrameType], one: "Pass | None") -> None:
        """A backward pass has ended in these frames; `one` is what it did, where that is known."""
        wants_graph = self.wants_next_pass
        self.training.pass_ended(roots, frames)
        if wants_graph and self.graph is not None:
            self.graph.pass_ended(frames, self.training.count - 1, one)

    def plt_pause(self, seconds: float) -> None:
        """What `plt.pause` waits: no longer than an iteration takes at the speed that was set."""
        speed = self._controls.speed
        self.training.emit_now()
        self._wait(min(seconds, 1 / speed) if speed else seconds)

    def read_line(self) -> bytes:
        """A line of the program's input: it is asked for, and waited for as in a pause.

        Nothing at the end of the input, for expressions that are evaluated, and in other threads.
        """
        frames = frames_of_program(sys._getframe(1))
        if not (self._can_ask and frames and threading.get_ident() == self._thread):
            return b""
        self._hold(frames[0], lambda: not self._entered, asks=True)
        if self._stop_requested:
            raise StopRequested
        line, self._line, self._entered = self._line, None, False
        if line is None:
            return b""
        with contextlib.suppress(OSError, ValueError, AttributeError):  # it may be closed, or gone
            print(line, file=sys.__stdout__)  # as a terminal does
        return f"{line}\n".encode()

    def answer_until_closed(self) -> None:
        """The program is over: evaluate expressions until no more commands will come."""
        self._can_ask = False
        while not self._commands.closed:
            command = self._commands.take(None)
            if isinstance(command, Ask):
                self._emit(answer(command, self._controls.names, None))

    def _wait(self, seconds: float) -> None:
        """Wait so long, or until a command says to pause or to stop."""
        end = time.monotonic() + seconds
        with suspended():
            while (left := end - time.monotonic()) > 0 and not self._commands.closed:
                command = self._commands.take(left)
                if command is not None:
                    self._execute(command, None)
                if self._stop_requested or self._pause_at == "line":
                    return
            if (left := end - time.monotonic()) > 0:
                time.sleep(left)

    def _pause(self, frame: FrameType) -> None:
        """Wait for commands until one lets the program go on."""
        self._hold(frame, lambda: self._pause_at == "line")

    def _hold(self, frame: FrameType, waits: Callable[[], bool], *, asks: bool = False) -> None:
        """Emit everything as it is now, and wait for commands as long as it `waits`."""
        self.training.emit_now()
        with suspended():
            if self.graph is not None:  # before Paused, at which readers ask for the document
                self.graph.paused(frame, self.training.iteration)
            self._emit(Paused(frame.f_lineno, self.training.iteration, asks))
            while waits() and not self._stop_requested:
                command = self._commands.take(None)
                if command is not None:
                    self._execute(command, frame)
                elif self._commands.closed:
                    self._stop_requested = True
                if isinstance(command, Step) and not asks:
                    break
        self._emit(Resumed())

    def _execute(self, command: Command, frame: FrameType | None) -> None:
        """`frame` is where the run is paused, None while it is not."""
        match command:
            case Pause():
                self._pause_at = "line"
            case Resume():
                self._pause_at = None
            case Step(by=by):
                self._pause_at, self._passes_at_step = by, self.training.count
            case Stop():
                self._stop_requested = True
            case Change(controls=values, speed=speed):
                self._controls.set(values)
                if speed is not None:
                    self._controls.speed = speed
                self._emit(self._controls.current())
            case Enter(text=text):
                self._line, self._entered = text, True
            case Ask():
                could_ask, self._can_ask = self._can_ask, False
                self._emit(answer(command, self._controls.names, frame))
                self._can_ask = could_ask
