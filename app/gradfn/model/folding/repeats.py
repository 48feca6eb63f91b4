"""Runs of a sequence that say the same thing several times over."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import eq

MAX_PERIODS = 40  # that are tried: those at which most items meet their like
LEAST, LEAST_LARGE = 3, 2  # turns of a repeat, and of one with a long turn
MAX_SHIFTS = 64  # that are tried for the beginning of a turn
LARGE = 6  # operations of a long turn


@dataclass(frozen=True, slots=True)
class Run:
    """`times` turns of `period` items each, from the item `start` on."""

    start: int
    period: int
    times: int

    @property
    def end(self) -> int:
        """The first item after it."""
        return self.start + self.period * self.times


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence: what each item is, how far back what it takes lies, how large it is.

    `exact` are numbers that are equal where `kinds` and `backs` are; what comes from outside of the
    sequence is 0 there. `ends` are where each item begins in the program, and where the last ends.
    """

    kinds: "array[int]"
    exact: "array[int]"
    backs: Callable[[int], Sequence[int]]
    ends: Sequence[int]
    lines: Callable[[int, int], Sequence[int]]  # of the program, at which items were made

    def __len__(self) -> int:
        return len(self.kinds)

    def part(self, start: int, end: int) -> "Items":
        """Some of the items."""
        return Items(
            self.kinds[start:end],
            self.exact[start:end],
            lambda at: self.backs(start + at),
            self.ends[start : end + 1],
            lambda a, b: self.lines(start + a, start + b),
        )

    def size(self, start: int, end: int) -> int:
        """How large some of the items are together."""
        return self.ends[end] - self.ends[start]


def find_runs(items: Items) -> list[Run]:
    """The longest runs of equal turns, in order, none over another.

    Turns are equal when their items are, and what goes from one to another inside of a turn. A
    fixed number of periods is tried, each in one go over the items.
    """
    taken = bytearray(len(items))
    found: list[Run] = []
    candidates = sorted(
        ((end - start, period, start) for period in _periods(items.kinds)
         for start, end in _alike(items.kinds, period)),
        key=lambda each: (-each[0], each[1], each[2]),
    )  # fmt: skip
    for length, period, start in candidates:
        end = start + length
        free = taken.find(0, start, end)
        start = end if free < 0 else free
        if (other := taken.find(1, start, end)) >= 0:
            end = other
        for run in _turns(items, start, end, period):
            found.append(run)
            taken[run.start : run.end] = b"\1" * (run.end - run.start)
    return sorted(found, key=lambda run: run.start)


def _periods(kinds: Sequence[int]) -> list[int]:
    last: dict[int, int] = {}
    distances: Counter[int] = Counter()
    for at, kind in enumerate(kinds):
        before = last.get(kind)
        if before is not None:
            distances[at - before] += 1
        last[kind] = at
    ordered = sorted(distances.items(), key=lambda each: (-each[1], each[0]))
    return [period for period, _ in ordered[:MAX_PERIODS]]


def _alike(kinds: Sequence[int], period: int) -> Iterator[tuple[int, int]]:
    """The stretches in which every item is like the one a period before or after it."""
    same = bytes(map(eq, islice(kinds, period, None), kinds))
    start = same.find(1)
    while start >= 0:
        end = same.find(0, start)
        end = len(same) if end < 0 else end
        if end - start >= period * (LEAST_LARGE - 1):
            yield start, end + period
        start = same.find(1, end)


def _turns(items: Items, start: int, end: int, period: int) -> Iterator[Run]:
    """The repeats in a stretch of items that are alike."""
    start = _well_begun(items, start, end, period)
    end = start + (end - start) // period * period
    first = start
    for turn in (*_breaks(items, start, end, period), end):
        if _is_enough(items, first, period, (turn - first) // period):
            yield Run(first, period, (turn - first) // period)
        first = turn


def _breaks(items: Items, start: int, end: int, period: int) -> Iterator[int]:
    """The turns that are not like the one before."""
    exact = items.exact
    same = bytes(map(eq, exact[start + period : end], exact[start : end - period]))
    at = same.find(0)
    while at >= 0:
        turn = start + (at // period + 1) * period
        if not _same(items, turn, period):
            yield turn
        at = same.find(0, turn - start)


def _well_begun(items: Items, start: int, end: int, period: int) -> int:
    """Where the program itself begins a turn, if that loses none but the torn ones.

    That is where a turn goes down the lines of a loop, and all turns have the same lines.
    """
    times = (end - start) // period
    shifts = [
        shift
        for shift in range(min(period, MAX_SHIFTS))
        if (end - start - shift) // period >= max(times - 1, LEAST_LARGE)
    ]
    same = []
    for shift in shifts:
        lines = items.lines(start + shift, start + shift + period)
        if lines == items.lines(start + shift + period, start + shift + 2 * period):
            same.append(shift)
            if lines[0] < lines[-1] and lines == sorted(lines):
                return start + shift
    return start + (same or [0])[0]


def _same(items: Items, turn: int, period: int) -> bool:
    """Whether a turn is like the one before it, also in what goes on inside of it."""
    for at in range(1, period):
        now, before = items.backs(turn + at), items.backs(turn + at - period)
        if [b for b in now if 0 < b <= at] != [b for b in before if 0 < b <= at]:
            return False
    return True


def _is_enough(items: Items, start: int, period: int, times: int) -> bool:
    if times >= LEAST:
        return True
    return times >= LEAST_LARGE and items.size(start, start + period) >= LARGE
