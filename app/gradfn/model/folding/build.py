"""The fold tree of a graph: scopes inside scopes, repeats in them, groups where much is left."""

import re
from array import array
from collections.abc import Callable, Sequence
from itertools import groupby, islice
from operator import ne

from gradfn.model.folding.columns import LEAF, Columns
from gradfn.model.folding.loops import Loops
from gradfn.model.folding.repeats import Items, Run, find_runs
from gradfn.model.folding.scopes import Key, paths_of
from gradfn.model.folding.tree import Fold

MAX_CHILDREN = 40  # of a fold; more are grouped
GROUP = 12
MAX_LINES = 64  # that are looked at for where a turn begins
MAX_NAMES = 2_000
_NUMBER = re.compile(r"\d+")

Child = Fold | int
Stretch = tuple[int, int, int]  # operations from one to another that were made in one place


class Builder:
    """Builds the tree bottom up. Linear in operations and edges, times the depth of scopes."""

    def __init__(self, columns: Columns, loops: Loops) -> None:
        self._columns, self._loops = columns, loops
        self._paths = paths_of(columns.scopes)
        self._tokens: dict[object, int] = {}
        self._kinds = self._kinds_of_operations()
        self._child_of = array("i", bytes(4 * len(columns.order)))

    def tree(self) -> Fold:
        """The whole program as a fold."""
        columns = self._columns
        made = array("i", map(columns.scope.__getitem__, columns.order))
        changes = bytes(map(ne, islice(made, 1, None), made))
        stretches, start, at = [], 0, len(made)
        while start < len(made):
            change = changes.find(1, start)
            end = change + 1 if change >= 0 else at
            stretches.append((start, end, made[start]))
            start = end
        root = Fold("program", "", 0, at)
        self._fill(root, stretches, 0)
        _number_depths(root)
        return root

    def _fill(self, fold: Fold, stretches: Sequence[Stretch], depth: int) -> None:
        """Children and token of a fold whose operations have `depth` scopes around them."""
        children: list[Child] = []
        for key, group in groupby(stretches, lambda each: self._key(each, depth)):
            inside = list(group)
            start, end = inside[0][0], inside[-1][1]
            if key is None:
                children.extend(range(start, end))
            elif end - start == 1 and not self._has_leaves(start):
                children.append(start)
            else:
                children.append(self._scope(key, inside, depth + 1))
        items = self._items(fold, children)
        fold.token = self._token((fold.kind, alike(fold.name), tuple(items.exact)))
        fold.children = grouped(self._repeated(fold, children, items))

    def _scope(self, key: Key, stretches: Sequence[Stretch], depth: int) -> Fold:
        """A scope; one that holds nothing but another one is one with it."""
        name = key.name
        while True:
            inner = {self._key(each, depth) for each in stretches}
            only = next(iter(inner)) if len(inner) == 1 else None
            if only is None or not only.kind == key.kind == "module":
                break
            key, name, depth = only, f"{name}.{only.name}", depth + 1
        fold = Fold(key.kind, name, stretches[0][0], stretches[-1][1], key.frame)
        self._fill(fold, stretches, depth)
        child = fold.children[0] if len(fold.children) == 1 else None
        return self._merged(fold, child) if isinstance(child, Fold) else fold

    def _merged(self, around: Fold, only: Fold) -> Fold:
        """A scope and the repeat that is all there is in it, as one where that says as much."""
        if only.kind == "repeat" and not only.name:
            only.name = around.name
        elif only.kind == "repeat" and only.names and only.name.startswith("["):
            only.name = around.name + only.name
            only.names = tuple(f"{around.name}.{name}" for name in only.names)
        else:
            return around
        only.token = around.token
        return only

    def _key(self, stretch: Stretch, depth: int) -> Key | None:
        path = self._paths[stretch[2]]
        return path[depth] if depth < len(path) else None

    def _kinds_of_operations(self) -> "array[int]":
        """What each operation is: its function, and which of its inputs are leaves."""
        columns = self._columns
        tokens = [self._token(kind) for kind in range(len(columns.kinds))]
        found = map(tokens.__getitem__, map(columns.kind.__getitem__, columns.order))
        kinds, starts = array("i", found), columns.starts
        for at in {columns.takers[e] for e, each in enumerate(columns.inputs) if each == LEAF}:
            leaves = tuple(
                columns.shapes[columns.givers[edge]] if columns.inputs[edge] == LEAF else -1
                for edge in range(starts[at], starts[at + 1])
            )
            kinds[at] = self._token((kinds[at], leaves))
        return kinds

    def _token(self, key: object) -> int:
        return self._tokens.setdefault(key, len(self._tokens))

    def _has_leaves(self, position: int) -> bool:
        return LEAF in self._columns.inputs_of(position)

    def _items(self, fold: Fold, children: Sequence[Child]) -> Items:
        """The children as a sequence in which repeats can be found."""
        start, child_of, token = fold.start, self._child_of, self._token
        inputs, offsets = self._columns.inputs, self._columns.starts
        ends = [child if isinstance(child, int) else child.start for child in children]
        ends.append(fold.end)
        if len(children) == fold.size and all(type(child) is int for child in children):
            kinds = self._kinds[start : fold.end]
            child_of[start : fold.end] = array("i", range(fold.size))
        else:
            kinds = array("i", map(self._kind, children))
            for nr in range(len(children)):
                child_of[ends[nr] : ends[nr + 1]] = array("i", [nr]) * (ends[nr + 1] - ends[nr])
        own = child_of[start : fold.end]

        def backs(nr: int) -> list[int]:
            first = ends[nr]
            return [
                nr - own[each - start] if each >= start else 0
                for each in inputs[offsets[first] : offsets[ends[nr + 1]]]
                if each < first
            ]

        exact = array("i")
        for nr, kind in enumerate(kinds):
            first, end = offsets[ends[nr]], offsets[ends[nr + 1]]
            if end - first == 1:  # most often, and much faster
                given = inputs[first]
                key = kind << 40 | (nr - own[given - start] if given >= start else 0)
                exact.append(token(~key))
            else:
                exact.append(token((kind, *backs(nr))))
        return Items(kinds, exact, backs, ends, self._lines_of(fold, ends))

    def _kind(self, child: Child) -> int:
        return self._kinds[child] if isinstance(child, int) else child.token

    def _lines_of(self, fold: Fold, starts: Sequence[int]) -> Callable[[int, int], list[int]]:
        """The lines of the fold's own frame at which its children were made."""
        columns = self._columns

        def line(at: int) -> int:
            stack = columns.scopes[columns.scope[columns.order[starts[at]]]][1]
            return stack[fold.frame][1] if fold.frame < len(stack) else 0

        return lambda start, end: [line(at) for at in range(start, min(end, start + MAX_LINES))]

    def _repeated(self, fold: Fold, children: list[Child], items: Items) -> list[Child]:
        """The children, turns that are alike as one."""
        left, at = [], 0
        for run in find_runs(items):
            left += children[at : run.start]
            left.append(self._repeat(fold, children[run.start : run.end], run, items))
            at = run.end
        return left + children[at:]

    def _repeat(self, fold: Fold, turns: list[Child], run: Run, items: Items) -> Fold:
        first = turns[: run.period]
        start, end = _start(turns[0]), _end(turns[-1])
        repeat = Fold("repeat", "", start, end, fold.frame, unit=(end - start) // run.times)
        repeat.times = run.times
        only = first[0] if run.period == 1 else None
        if isinstance(only, Fold) and only.kind != "repeat":
            repeat.children, repeat.frame = only.children, only.frame
        else:
            repeat.children = grouped(
                self._repeated(repeat, first, items.part(run.start, run.start + run.period))
            )
        repeat.loop = self._loops.around(self._lines(fold, start, start + repeat.unit))
        repeat.name, repeat.names = self._names(turns, run)
        if run.period > 1:
            for nr, child in enumerate(first):
                if isinstance(child, Fold) and child.kind == "module":
                    self._name_in_turns(child, turns[nr :: run.period])
        return repeat

    def _name_in_turns(self, child: Fold, alike: list[Child]) -> None:
        """A name for what a module of the first turn stands for: those of all turns."""
        names = [each.name for each in alike if isinstance(each, Fold)]
        if names[0] != names[-1] and len(names) <= MAX_NAMES:
            child.name, child.names = ranged(names[0], names[-1]), tuple(names)

    def _names(self, turns: list[Child], run: Run) -> tuple[str, tuple[str, ...]]:
        """What the turns are called, and each of them: by the largest scope in them."""
        scopes = [(each.size, -nr) for nr, each in enumerate(turns[: run.period])
                  if isinstance(each, Fold) and each.kind in ("module", "function")]  # fmt: skip
        if not scopes:
            return "", ()
        at = -max(scopes)[1]
        few = run.times <= MAX_NAMES
        chosen = turns[at :: run.period] if few else [turns[at], turns[at - run.period]]
        names = [each.name for each in chosen if isinstance(each, Fold)]
        if len(set(names)) == 1:
            return names[0], ()
        return ranged(names[0], names[-1]), tuple(names) if few else ()

    def _lines(self, fold: Fold, start: int, end: int) -> set[int]:
        """The lines of the fold's own frame on which some operations were made."""
        columns = self._columns
        stacks = {columns.scope[number] for number in set(columns.order[start:end])}
        lines = set()
        for scope in stacks:
            stack = columns.scopes[scope][1]
            lines.add(stack[fold.frame][1] if fold.frame < len(stack) else 0)
        return lines


def grouped(children: list[Child]) -> list[Child]:
    """The children, a dozen at a time in groups where there are more than can be shown."""
    while len(children) > MAX_CHILDREN:
        children = [_group(children[at : at + GROUP]) for at in range(0, len(children), GROUP)]
    return children


def _group(children: list[Child]) -> Child:
    if len(children) == 1:
        return children[0]
    return Fold("group", "", _start(children[0]), _end(children[-1]), children=children)


def ranged(first: str, last: str) -> str:
    """`blocks.0` and `blocks.11` as `blocks[0…11]`, `fc1` and `fc3` as `fc1 … fc3`."""
    head, _, tail = first.rpartition(".")
    end, _, other = last.rpartition(".")
    if head == end and tail.isdigit() and other.isdigit():
        return f"{head}[{tail}…{other}]"
    return f"{first} … {last}"


def _number_depths(root: Fold) -> None:
    """Two a level: what the turns of a repeat share lies between it and them."""
    pending = [root]
    for fold in pending:  # which grows meanwhile
        for child in fold.children:
            if isinstance(child, Fold):
                child.depth = fold.depth + 2
                pending.append(child)


def alike(name: str) -> str:
    """What names of the same kind have in common: `layers.0` and `layers.1`."""
    return _NUMBER.sub("#", name)


def _start(child: Child) -> int:
    return child if isinstance(child, int) else child.start


def _end(child: Child) -> int:
    return child + 1 if isinstance(child, int) else child.end
