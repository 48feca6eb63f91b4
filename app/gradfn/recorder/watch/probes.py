"""What the probes in a program do: note which expression made what, and when.

Called for every expression, so a note is a plain tuple, and what it means is found out when the
program has ended (`report`). Nodes are known by PyTorch's own sequence numbers, one series a
thread: what was numbered between two probes was made by the expression between them.
"""

import inspect
import opcode
import sys
import threading
from array import array
from collections.abc import Callable
from types import FrameType
from typing import Any

from gradfn.recorder.failures import Failures
from gradfn.recorder.instrument.compile import FILENAME
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.observer import Observer
from gradfn.recorder.torch_internals import (
    LEAF_SEQUENCE_NR,
    is_tensor,
    next_sequence_nr,
    node_of,
    sequence_nr,
    without_user_hooks,
)
from gradfn.recorder.watch.backward import Passes
from gradfn.recorder.watch.notes import Notes
from gradfn.recorder.watch.sampling import MAX_OPERATIONS, Sampling
from gradfn.recorder.watch.turns import turns_of

MAX_MARKS = 2_000_000  # in the log of what made which nodes
THREAD = "gradfn thread"  # a key of Node.metadata
MAX_FRAMES = 100  # of a deep recursion, the innermost
MODULE_LEVEL = -1  # the stack where no function is around

_FLATTENED = frozenset(("<listcomp>", "<setcomp>", "<dictcomp>"))  # no frames from 3.12 on

_GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_DELEGATES, _ITERATES = opcode.opmap["SEND"], opcode.opmap["FOR_ITER"]


class Track:
    """One thread's own: operands not yet used, and the log of what made which nodes."""

    __slots__ = ("at", "ends", "number", "operands", "seq", "sites", "stacks")

    def __init__(self, logs: list[Any]) -> None:
        self.operands: list[Any] = []
        self.seq: int = next_sequence_nr()
        self.at = 0  # the statement that runs
        self.ends, self.sites, self.stacks = array("q"), array("i"), array("i")
        self.number = len(logs)
        logs.append((self.ends, self.sites, self.stacks))


class Tracks(threading.local):
    """The track of each thread, as `own`: asked for once a probe, for each time costs."""

    def __init__(self, logs: list[Any]) -> None:
        self.own = Track(logs)


class Probes(Sampling):
    """The probes of one program; each is called by its name."""

    def __init__(
        self,
        sites: list[Site],
        notes: Notes,
        passes: Passes,
        clear_modules: Callable[[], None],
        failures: Failures,
        *,
        observer: Observer | None = None,
        interruptions: list[BaseException],
    ) -> None:
        super().__init__(sites, notes, passes)
        self._clear_modules, self._observer = clear_modules, observer
        self._interruptions, self._failures = interruptions, failures
        self.logs: list[Any] = []
        self._tracks = Tracks(self.logs)
        self._stacks = notes.stacks
        self.renumbered = False
        self._pops = [site.pops for site in sites]
        self._pushes = [site.pushes for site in sites]
        self._statements = [site.statement for site in sites]

    @property
    def statement_now(self) -> int:
        """The statement that runs in this thread."""
        return self._tracks.own.at

    def stack_now(self) -> int:
        """The active frames of the program, as a number."""
        return self._stack(sys._getframe(1))

    def at(self, site: int) -> None:
        """A line is about to run; a live run may hold here, or end."""
        if self._interruptions:
            raise self._interruptions.pop()
        if self._observer is not None:
            self._observer.at_line(sys._getframe(1))
        try:
            track = self._tracks.own
            if (seq := next_sequence_nr()) != track.seq:
                self._log(track, track.at, seq, sys._getframe(1))
            track.at = site
            self.notes.executed += 1
            if site in self._is_loop:
                self._iterations[site] = -1
            if not self._in_function[site]:  # out here nothing is half evaluated
                track.operands.clear()
                self._clear_modules()
            if self.turn is not None:
                self._follow(site, sys._getframe(1))
            if self.armed:
                self._begin(site, sys._getframe(1))
            elif self._is_after_loop(site, sys._getframe(1)):
                self._resume()
                if self.armed:
                    self._begin(site, sys._getframe(1))
        except Exception as error:
            self._failures.count("at", error)

    def took(self, value: Any) -> Any:
        """An operand of the expression around it."""
        if self.armed:
            try:
                track = self._tracks.own
                track.operands.append(self.notes.describe(value, track.at))
            except Exception as error:
                self._failures.count("took", error)
        return value

    def made(self, site: int, value: Any) -> Any:
        """An expression has its value."""
        try:
            track = self._tracks.own
            first = track.seq
            if (last := next_sequence_nr()) != first:
                self._log(track, site, last, sys._getframe(1))
                if track.number:
                    with without_user_hooks():
                        tag_nodes(value, first, track.number)
            if self.armed:
                pops = self._pops[site]
                taken = tuple(track.operands[-pops:]) if pops else ()
                self._belong(site)
                stack = track.stacks[-1] if last != first else self._stack_at(site)
                self.armed = len(self.notes.operations) < MAX_OPERATIONS
                noted = self.notes.operation(site, stack, first, last, taken, value, track.number)
                if pops:
                    del track.operands[-pops:]
                if self._pushes[site]:
                    track.operands.append(noted)
        except Exception as error:
            self._failures.count("made", error)
        return value

    def named(self, site: int, value: Any) -> Any:
        """A name was bound within an expression."""
        self.bound(site, value)
        return value

    def bound(self, site: int, *values: Any) -> None:
        """Names were bound, or unbound; then there are no values."""
        try:
            self._flush(site)
            if self.armed:
                self._belong(site)
                self.notes.binding(site, values)
        except Exception as error:
            self._failures.count("bound", error)

    def flush(self, site: int) -> None:
        """What was made since the last probe, was made by this expression itself."""
        try:
            self._flush(site)
        except Exception as error:
            self._failures.count("flush", error)

    def entered(self, site: int, *values: Any) -> None:
        """A function, a lambda or an element of a generator begins."""
        try:
            self._flush_to_caller(sys._getframe(1))
            if not self.armed and sys._getframe(1).f_code is self._rests_in:
                self._rests_in = None  # another call: a loop elsewhere goes on
            if values and self.armed:
                self._begin(site, sys._getframe(1))
                self.notes.binding(site, values)
        except Exception as error:
            self._failures.count("entered", error)

    def resumed(self, value: Any) -> Any:
        """A generator goes on."""
        try:
            self._flush_to_caller(sys._getframe(1))
        except Exception as error:
            self._failures.count("resumed", error)
        return value

    def loops(self, site: int, iterable: Any) -> Any:
        """A `for` loop begins."""
        try:
            self._turns[site] = turns_of(iterable)
        except Exception as error:
            self._failures.count("loops", error)
        return iterable

    def weighed(self, site: int, value: Any) -> Any:
        """One side of a comparison that may end a loop; of the right one the site is negative."""
        try:
            self._weigh(site, value)
        except Exception as error:
            self._failures.count("weighed", error)
        return value

    def looped(self, site: int, *values: Any) -> None:
        """An iteration begins."""
        if self._interruptions:
            raise self._interruptions.pop()
        if self._observer is not None:
            self._observer.at_iteration()
        try:
            self._flush(site)
            loop = self._statements[site]
            self._iterations[loop] = self._iterations.get(loop, -1) + 1
            self._arm(loop, sys._getframe(1))
            if self.armed:
                self._begin(loop, sys._getframe(1), self._iterations[loop])
                self.notes.binding(site, values)
        except Exception as error:
            self._failures.count("looped", error)

    def _flush(self, site: int) -> None:
        track = self._tracks.own
        if (seq := next_sequence_nr()) != track.seq:
            self._log(track, site, seq, sys._getframe(2))

    def _log(self, track: Track, site: int, seq: int, frame: FrameType) -> None:
        self.renumbered |= seq < track.seq  # the program may number nodes as it likes
        track.seq = seq
        if len(track.ends) < MAX_MARKS:
            track.ends.append(seq)
            track.sites.append(site)
            track.stacks.append(self._stack(frame) if self._in_function[site] else MODULE_LEVEL)

    def _flush_to_caller(self, frame: FrameType) -> None:
        """What C code made between two calls of ours belongs to the expression that called it."""
        track = self._tracks.own
        if (seq := next_sequence_nr()) == track.seq:
            return
        caller = frame.f_back
        while caller is not None and (caller.f_code.co_filename != FILENAME or _is_way(caller)):
            caller = caller.f_back
        if caller is not None:
            site = self.notes.site_at(caller.f_code, caller.f_lasti, track.at)
            self._log(track, site, seq, caller)
        track.seq = seq

    def _stack_at(self, site: int) -> int:
        return self._stack(sys._getframe(2)) if self._in_function[site] else MODULE_LEVEL

    def _stack(self, frame: FrameType | None) -> int:
        """The active frames of the program, outermost first, as a number."""
        frames: list[tuple[str, int]] = []
        while frame is not None and len(frames) < MAX_FRAMES:
            code = frame.f_code
            if code.co_filename == FILENAME and code.co_name not in _FLATTENED:
                frames.append((code.co_name, frame.f_lineno))
                if code.co_name == "<module>":  # around it are frames of ours alone
                    break
            frame = frame.f_back
        frames.reverse()
        return self._stacks.setdefault(tuple(frames), len(self._stacks))

    def _begin(self, site: int, frame: FrameType, iteration: int | None = None) -> None:
        """A step begins."""
        if iteration is None:
            iteration = self._iterations.get(self._loops[site], -1)
        if not self._has_room():
            self.armed = False
            return
        stack = self._stack(frame) if self._in_function[site] else MODULE_LEVEL
        self.notes.steps.append((site, stack, iteration, self.notes.executed))

    def _belong(self, site: int) -> None:
        """A statement that goes on after a call is a step again."""
        statement, steps = self._statements[site], self.notes.steps
        if not steps or steps[-1][0] != statement:
            self._begin(statement, sys._getframe(2))


def _is_way(frame: FrameType) -> bool:
    """Whether it only passes values on, from a generator to its caller."""
    code = frame.f_code
    if not code.co_flags & _GENERATORS:
        return False
    instruction = code.co_code[frame.f_lasti]
    return instruction == _DELEGATES or (code.co_name == "<genexpr>" and instruction == _ITERATES)


def tag_nodes(value: Any, first: int, thread: int) -> None:
    """Nodes from another thread say so: their numbers begin at 0 again there."""
    pending = [node_of(value)] if is_tensor(value) else []
    while pending:
        node = pending.pop()
        if node is None or THREAD in node.metadata:
            continue
        if first <= sequence_nr(node) < LEAF_SEQUENCE_NR:
            node.metadata[THREAD] = thread
            pending += [following for following, _ in node.next_functions]
