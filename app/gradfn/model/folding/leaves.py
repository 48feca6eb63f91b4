"""Where leaves belong: in the smallest fold that has all the operations that use them."""

from bisect import bisect_right
from dataclasses import dataclass, field

from gradfn.model.folding.columns import LEAF, Columns
from gradfn.model.folding.tree import Fold


@dataclass(frozen=True, slots=True)
class Home:
    """Where one leaf belongs. `first` is the first operation that uses it, as it is numbered.

    `place` is the same operation in the first turn of all repeats around, `slot` its input;
    a box with a greater depth does not hold the leaf.
    """

    leaf: int
    first: int
    place: int
    slot: int
    depth: int


@dataclass(slots=True)
class Leaves:
    """The homes of all leaves; `owned` counts those that one operation alone uses, by place."""

    homes: list[Home] = field(default_factory=list)
    owned: dict[int, int] = field(default_factory=dict)


def leaves_of(columns: Columns, root: Fold) -> Leaves:
    """A home for each leaf. One that nothing uses belongs to the program."""
    uses: dict[int, tuple[int, int, int]] = {}  # by leaf: first operation, its input, last one
    starts = columns.starts
    for edge, each in enumerate(columns.inputs):
        if each != LEAF:
            continue
        position, leaf = columns.takers[edge], columns.givers[edge]
        first, slot, _ = uses.get(leaf, (position, edge - starts[position], 0))
        uses[leaf] = first, slot, position
    found, finder = Leaves(), _Finder(root)
    for leaf, each in enumerate(columns.position):
        if each != LEAF:
            continue
        if leaf not in uses:
            found.homes.append(Home(leaf, -1, leaf, 0, root.depth))
            continue
        first, slot, last = uses[leaf]
        place, depth, is_owned = finder.home(first, last)
        found.homes.append(Home(leaf, first, place, slot, depth))
        if is_owned:
            found.owned[place] = found.owned.get(place, 0) + 1
    return found


class _Finder:
    def __init__(self, root: Fold) -> None:
        self._root = root
        self._starts: dict[int, list[int]] = {}

    def home(self, first: int, last: int) -> tuple[int, int, bool]:
        """The first one's place, the depth of the fold around both, whether it is one operation."""
        fold, depth = self._root, self._root.depth
        while True:
            if fold.kind == "repeat":
                turn, other = ((at - fold.start) // fold.unit for at in (first, last))
                first -= turn * fold.unit
                if turn != other:
                    return first, fold.depth, False
                last -= turn * fold.unit
                depth = fold.depth + 1
            else:
                depth = fold.depth
            child = self._child(fold, first)
            if isinstance(child, int):
                return (first, fold.depth + 2, True) if last == first else (first, depth, False)
            if last >= child.end:
                return first, depth, False
            fold = child

    def _child(self, fold: Fold, position: int) -> Fold | int:
        starts = self._starts.get(id(fold))
        if starts is None:
            starts = [each if isinstance(each, int) else each.start for each in fold.children]
            self._starts[id(fold)] = starts
        return fold.children[bisect_right(starts, position) - 1]
