"""Which iterations of long loops are recorded: all at first, then a sample, and the last one whole.

The last turn of a `for` loop is known beforehand (`turns`). A `while`, and a loop that may be left
by `break` or `return`, mostly ends by a comparison of numbers (`instrument.exits`). When these come
near each other, or if something else decides, each turn may be the last: it is recorded, and
dropped when the next one begins.
"""

from math import inf
from types import CodeType, FrameType
from typing import Any, NamedTuple

from gradfn.recorder.instrument.compile import FILENAME
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.torch_internals import is_tensor
from gradfn.recorder.watch.backward import Passes
from gradfn.recorder.watch.notes import Notes, Place
from gradfn.recorder.watch.snapshots import capture

MAX_STEPS, MAX_OPERATIONS = 20_000, 60_000
FULL_STEPS, FULL_OPERATIONS = 1_500, 10_000  # from here on only a sample of iterations is noted
SAMPLE_SHARE = (
    10  # the next one when a tenth more lines have run: by the clock no run is like another
)
MAX_DROPPED = 20_000  # operations: what is recorded and dropped takes its time, too
NEAR = 3  # how many more such changes bring two numbers together that are near each other


class Turn(NamedTuple):
    """A turn that may be the last, and how much was noted when it began."""

    loop: int
    notes: Place
    passes: int


class Sampling:
    """Whether what runs is recorded (`armed`), decided where the iterations of loops begin."""

    def __init__(self, sites: list[Site], notes: Notes, passes: Passes) -> None:
        self.notes, self._passes = notes, passes
        self.armed = True
        self.turn: Turn | None = None
        # What runs belongs to that turn as long as it is in this function's loop.
        self._around: tuple[CodeType | None, int] = (None, -1)
        self._next_sample = 0  # when so many lines have run
        self._dropped = 0
        self._rests_in: CodeType | None = None  # the function of the loop that is sampled
        self._rests_within = {-1}  # the loops around that loop, in the same function
        self._in_function = [site.in_function for site in sites]
        self._loops = [site.loop for site in sites]
        self._unforeseen = [site.is_unforeseen for site in sites]
        self._endings: dict[int, list[int]] = {}  # the comparisons that may end a loop
        for number, site in enumerate(sites):
            if site.ends >= 0:
                self._endings.setdefault(site.ends, []).append(number)
        self._left: float | None = None
        self._distances: dict[int, float] = {}  # of the two sides of a comparison
        self._near: set[int] = set()  # comparisons whose outcome may be another next time
        self._is_loop = {site.loop for site in sites}
        self._lines = [sites[each].span[::2] for each in self._is_loop if each >= 0]
        self._iterations: dict[int, int] = {-1: -1}
        self._turns: dict[int, int | None] = {}  # of `for` loops, where it is known
        self._trains = _loops_with_backward(sites)
        self._loop_in: dict[CodeType, int] = {}  # the latest in each function
        self._whole_until = 0  # so many steps

    def _arm(self, loop: int, frame: FrameType) -> None:
        """An iteration of the loop begins.

        While recording rests no operands are kept. What an expression around the loop had left of
        its own stays below what comes, and is never taken for another's.
        """
        self._loop_in[frame.f_code] = loop
        steps, operations = len(self.notes.steps), len(self.notes.operations)
        if steps < FULL_STEPS and operations < FULL_OPERATIONS:
            return
        turn = self.turn
        if turn is not None:
            if loop != turn.loop and loop not in self._trains:  # a part of the turn
                if self.armed and steps - turn.notes.steps >= FULL_STEPS:
                    self._rest(loop, frame)
                return
            self._end_turn(turn)
            steps = len(self.notes.steps)
        if self._is_last(loop) and self._is_last_call(frame):  # the graph at the end is made here
            self._whole_until = steps + FULL_STEPS
            self._resume()
            return
        around = self._loops[loop]
        if self.armed and steps < self._whole_until and loop not in self._trains:
            if around >= 0 and self._is_last(around):  # the time steps of a recurrent network
                return
        self._rests_within.discard(loop)  # it goes on
        if self._dropped < MAX_DROPPED and self._is_last(loop, perhaps=True):
            if self._is_last_call(frame, perhaps=True):
                self._begin_turn(loop, frame)
                return
        if self.armed:
            self._rest(loop, frame)
        elif self.notes.executed >= self._next_sample:
            self._resume()

    def _rest(self, loop: int, frame: FrameType) -> None:
        """Record nothing, until a sample is due or the loop is over."""
        self._set_next_sample()
        self.armed = False
        self._rests_in, self._rests_within = frame.f_code, {-1}
        while (loop := self._loops[loop]) >= 0:
            self._rests_within.add(loop)

    def _set_next_sample(self) -> None:
        executed = self.notes.executed
        self._next_sample = executed + executed // SAMPLE_SHARE
        if self.notes.sampled_after is None:
            self.notes.sampled_after = len(self.notes.steps)

    def _begin_turn(self, loop: int, frame: FrameType) -> None:
        """Record this turn, to be dropped when another one begins."""
        if self.notes.sampled_after is None:
            self._set_next_sample()
        self._resume()
        if self.armed:
            self.turn = Turn(loop, self.notes.place(), len(self._passes.passes))
            self._around = frame.f_code, loop

    def _end_turn(self, turn: Turn) -> None:
        """It was not the last: it is dropped, unless a sample is due."""
        self.turn = None
        if self.notes.executed >= self._next_sample:
            self._set_next_sample()
            return
        self._dropped += len(self.notes.operations) - turn.notes.operations
        self.notes.drop(turn.notes)
        self._passes.drop(turn.passes)

    def _follow(self, site: int, frame: FrameType) -> None:
        """A line is about to run: whether it belongs to the turn, or its loops are over.

        Then the turn was the last one, and stays.
        """
        code, loop = self._around
        if frame.f_code is not code:
            if _is_active(code, frame):
                return
            loop = self._loops[site]
        else:
            while loop >= 0 and not self._is_within(site, loop):
                loop = self._loops[loop]
        if (frame.f_code, loop) == self._around:
            return
        self._around = frame.f_code, loop
        if loop < 0 and not self._is_in_a_loop(frame.f_back):
            self.turn = None

    def _is_within(self, site: int, loop: int) -> bool:
        inner = self._loops[site]
        while inner >= 0 and inner != loop:
            inner = self._loops[inner]
        return inner == loop

    def _is_in_a_loop(self, frame: FrameType | None) -> bool:
        """Whether a line of the program that waits for a call is in a loop."""
        while frame is not None:
            if frame.f_code.co_filename == FILENAME:
                if any(first <= frame.f_lineno <= last for first, last in self._lines):
                    return True
            frame = frame.f_back
        return False

    def _resume(self) -> None:
        if not self.armed:
            self.notes.snapshots.look_again()
            self.armed = self._has_room()

    def _is_last(self, loop: int, *, perhaps: bool = False) -> bool:
        """Whether this is known to be the last turn of the loop, and of all around it.

        `perhaps`: or that it may be.
        """
        while loop >= 0:
            turns = self._turns.get(loop)
            if turns != self._iterations.get(loop, -1) + 1:
                if not (perhaps and self._may_end(loop)):
                    return False
            loop = self._loops[loop]
        return True

    def _may_end(self, loop: int) -> bool:
        """Whether this turn may be the last one, though that is not known."""
        if self._unforeseen[loop] or self._turns.get(loop, 0) is None:
            return True
        return any(each in self._near for each in self._endings.get(loop, ()))

    def _weigh(self, site: int, value: Any) -> None:
        """One side of a comparison that may end a loop."""
        if len(self.notes.steps) < FULL_STEPS and len(self.notes.operations) < FULL_OPERATIONS:
            return
        if type(value) is not int and type(value) is not float:
            value = _number_in(value)
        if site > 0:
            self._left = value
            return
        site, near = -site, True
        if value is not None and self._left is not None:
            least = 1 if type(value) is int is type(self._left) else 0
            last = self._distances.get(site)
            try:
                distance = abs(value - self._left)
                change = inf if last is None else abs(distance - last)
            except OverflowError:  # an integer that no float can hold: nobody knows
                pass
            else:
                near = not distance > max(NEAR * change, least)  # of NaN nobody knows
                self._distances[site] = distance
        (self._near.add if near else self._near.discard)(site)

    def _is_last_call(self, frame: FrameType, *, perhaps: bool = False) -> bool:
        """Whether the functions that called this one are in the last turns of their loops."""
        caller = frame.f_back
        while caller is not None:
            if not self._is_last(self._loop_in.get(caller.f_code, -1), perhaps=perhaps):
                return False
            caller = caller.f_back
        return True

    def _is_after_loop(self, site: int, frame: FrameType) -> bool:
        """Whether the loop in which recording rests is over: what is around it goes on."""
        if not self._in_function[site]:
            return self._loops[site] < 0
        return frame.f_code is self._rests_in and self._loops[site] in self._rests_within

    def _has_room(self) -> bool:
        steps, operations = len(self.notes.steps), len(self.notes.operations)
        full = steps >= MAX_STEPS or operations >= MAX_OPERATIONS
        self.notes.ended_early |= full
        return not full


def _number_in(value: Any) -> float | None:
    """The number that a tensor holds; None of anything else."""
    captured = capture(value) if is_tensor(value) else None
    number = captured.elements if captured is not None and captured.count == 1 else None
    while type(number) is list:  # of one element
        (number,) = number
    return number if type(number) in (int, float) else None


def _is_active(code: CodeType | None, frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code is code:
            return True
        frame = frame.f_back
    return False


def _loops_with_backward(sites: list[Site]) -> set[int]:
    """The loops in which a graph is used up and the next one is made."""
    found: set[int] = set()
    for site in sites:
        loop = site.loop if site.kind == "call" and site.name in ("backward", "step") else -1
        while loop >= 0:
            found.add(loop)
            loop = sites[loop].loop
    return found
