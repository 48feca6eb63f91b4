"""A live run obeys: between two lines of the program it looks for orders, and holds when told to.

Looking costs a glance at the clock, and a system call a hundred times a second. While it holds it
waits for the pipe, so it uses no processor, and its time does not run out.
"""

import ast
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
from gradfn.events.commands import Ask, By, Change, Command, Pause, Resume, Step, Stop
from gradfn.events.kinds import ChildEvent, Live, Paused, Resumed, Warned
from gradfn.recorder.read.text import clean

if TYPE_CHECKING:
    from gradfn.child.live.graph import LiveGraph
    from gradfn.recorder.watch.backward import Pass

LOOK_SECONDS = 0.01


class LiveControl:
    """Pause, resume, step, stop and set, as `Probes` comes past lines and iterations."""

    def __init__(
        self,
        tell: Callable[[ChildEvent], None],
        live: Live,
        states: TrainingStates,
        controls: Controls,
    ) -> None:
        self.states, self._tell, self._controls = states, tell, controls
        self.moments: LiveGraph | None = None
        self.orders = Commands()
        self.stopping = False
        self._values = dict(live.controls)
        self._until: By | None = "line" if live.paused else None  # what it goes on to
        self._since = 0  # passes there were when it was told to go on
        self._next_look = 0.0
        self._paced = (0, 0.0)
        self._thread = threading.get_ident()

    def prepare(self, tree: ast.Module) -> None:
        """Find the controls, and give them the values that the run begins with."""
        left_out = self._controls.find_literals(tree, self._values)
        self._tell(self._controls.found())
        for name in left_out:
            why = f"There is no control {clean(name, 100)} for such a value; it was left out."
            self._tell(Warned("NoSuchControl", why, None))
        self._values = {}

    def at_line(self, frame: FrameType) -> None:
        """A line is about to run. StopRequested when it must not."""
        if self._controls.early:
            self._controls.set_early()
        now = time.monotonic()
        if now < self._next_look and self._until != "line" and not self.stopping:
            return
        if threading.get_ident() != self._thread:
            return
        self._look(now)
        if self._until == "line":
            self._hold(frame)
        if self.stopping:  # at every line, for a bare `except:` would swallow a single one
            raise StopRequested

    def at_iteration(self) -> None:
        """An iteration begins: of those in which a backward pass ran, each takes its time."""
        passes = self.states.count
        if self._until == "iteration" and (passes > self._since or passes == 0):
            self._until = "line"
        ran, due = self._paced
        if passes > ran and (speed := self._controls.speed):
            self.wait(due - time.monotonic())
            self._paced = (passes, max(due, time.monotonic()) + 1 / speed)

    @property
    def wants_next_pass(self) -> bool:
        """Whether the next backward pass is to be looked at, along every edge."""
        is_own = threading.get_ident() == self._thread
        return self.moments is not None and is_own and self.moments.is_due()

    def pass_ended(self, roots: Any, frames: list[FrameType], one: "Pass | None") -> None:
        """A backward pass has ended in these frames; `one` is what it did, where that is known."""
        looks = self.wants_next_pass
        self.states.passed(roots, frames)
        if looks and self.moments is not None:
            self.moments.passed(frames, self.states.count - 1, one)

    def pause(self, seconds: float) -> None:
        """What `plt.pause` waits: no longer than an iteration takes at the speed that was set."""
        speed = self._controls.speed
        self.states.tell_now()
        self.wait(min(seconds, 1 / speed) if speed else seconds)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until it is told to hold or to stop."""
        end = time.monotonic() + seconds
        with suspended():
            while (left := end - time.monotonic()) > 0 and not self.orders.closed:
                order = self.orders.take(left)
                if order is not None:
                    self._obey(order, None)
                if self.stopping or self._until == "line":
                    return
            if (left := end - time.monotonic()) > 0:
                time.sleep(left)

    def linger(self) -> None:
        """The program is over: answer until nobody asks any more."""
        while not self.orders.closed:
            order = self.orders.take(None)
            if isinstance(order, Ask):
                self._tell(answer(order, self._controls.names, None))

    def _look(self, now: float) -> None:
        self._next_look = now + LOOK_SECONDS
        self.states.tell_if_due(now)
        while (order := self.orders.take(0)) is not None:
            self._obey(order, None)

    def _hold(self, frame: FrameType) -> None:
        self.states.tell_now()
        with suspended():
            if self.moments is not None:  # first, so who hears of it finds it
                self.moments.held(frame, self.states.iteration)
            self._tell(Paused(frame.f_lineno, self.states.iteration))
            while self._until == "line" and not self.stopping:
                order = self.orders.take(None)
                if order is not None:
                    self._obey(order, frame)
                elif self.orders.closed:
                    self.stopping = True
                if isinstance(order, Step):
                    break
        self._tell(Resumed())

    def _obey(self, order: Command, frame: FrameType | None) -> None:
        """`frame` is where the run holds, None while it does not."""
        match order:
            case Pause():
                self._until = "line"
            case Resume():
                self._until = None
            case Step(by=by):
                self._until, self._since = by, self.states.count
            case Stop():
                self.stopping = True
            case Change(controls=values, speed=speed):
                self._controls.set(values)
                if speed is not None:
                    self._controls.speed = speed
                self._tell(self._controls.found())
            case Ask():
                self._tell(answer(order, self._controls.names, frame))
