"""A graph as it is looked at: some folds open, the others a box each, and what flows between boxes.

Every function is in exactly one box. What flows goes forward, for a fold has operations that were
made one after the other; only from one turn of a repeat to the next it may go back, and such an
edge is marked as carried.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from gradfn.events.reading import MOST_BOXES
from gradfn.model.document import Graph
from gradfn.model.folding.build import Builder, alike
from gradfn.model.folding.columns import Columns, columns_of
from gradfn.model.folding.leaves import Home, Leaves, leaves_of
from gradfn.model.folding.loops import Loops
from gradfn.model.folding.parts import Part, id_of, parts_of, root_part
from gradfn.model.folding.tree import Fold

FIRST = 30  # boxes of a first view, as far as opening goes by itself
MOST_FIRST = 150  # boxes of a first view, whatever the graph
MAX_LEAVES = 6  # boxes of leaves in one open fold; more are one
MAX_TURN = 20  # operations of a turn that is opened by itself, where it has no scopes in it


class TooManyBoxes(Exception):
    """The view would have more boxes than it may."""

    def __init__(self, boxes: int, limit: int) -> None:
        super().__init__(f"This view has {boxes:,} boxes, more than the limit of {limit:,}.")
        self.boxes, self.limit = boxes, limit


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a view: a closed fold, a function, or leaves.

    `functions` are numbers of functions in the graph; `frame` is the place of the open fold around
    it in `View.frames`. `part` is None for leaves.
    """

    id: str
    part: Part | None
    name: str
    frame: int
    functions: "array[int]"
    can_open: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """An open fold, around boxes and frames. `frame` is the one around it, -1 for none.

    `id` is what opened it: of a repeat whose turns are seen one by one, `part.each`.
    """

    id: str
    part: Part
    frame: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes from one box to another, by their places; `carried` to a later turn of a repeat.

    `count` edges of the graph do.
    """

    tail: int
    head: int
    carried: bool
    count: int


@dataclass(slots=True)
class View:
    """Boxes, the frames around them, and what flows."""

    boxes: list[Box] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    box_of: "array[int]" = field(default_factory=lambda: array("i"))  # by function
    opened: tuple[str, ...] = ()


class Folding:
    """A graph that is folded once, and looked at in any number of ways."""

    def __init__(self, columns: Columns, code: str = "") -> None:
        self.columns = columns
        self.root: Fold = Builder(columns, Loops(code)).tree()
        self.leaves: Leaves = leaves_of(columns, self.root)

    def first(self) -> set[str]:
        """The ids of what is open at first: the larger structure, at most MOST_FIRST boxes."""
        budget = FIRST
        while True:
            opened = self._opened(budget)
            if budget <= 1 or len(self._walk(opened)[0]) <= MOST_FIRST:
                return opened
            budget //= 2

    def view(
        self, opened: Collection[str] = (), *, depth: int | None = None, most: int = MOST_BOXES
    ) -> View:
        """The view in which these folds are open, and all down to `depth`; TooManyBoxes."""
        view = View(opened=tuple(sorted(opened)))
        parts, frames, placed = self._walk(set(opened), depth, most)
        view.frames = frames
        self._place(view, parts, most)
        self._flow(view, placed)
        return view

    def children(self, part: Part, *, each: bool = False) -> list[Part]:
        """What a part opens into."""
        return parts_of(part, self._name_of, each=each)

    def _name_of(self, position: int) -> str:
        return self.columns.kinds[self.columns.kind[self.columns.order[position]]]

    def _can_open(self, part: Part) -> bool:
        return part.fold is not None or part.start in self.leaves.owned

    def _opened(self, budget: int) -> set[str]:
        """Level by level, all that are alike or none of them."""
        root = root_part(self.root)
        opened, level = {root.id}, self.children(root)
        waited: set[str] = set()
        shown = len(level)
        while level:
            groups: dict[str, list[tuple[Part, list[Part]]]] = {}
            later = [part for part in level if _is_merged(part) and part.id not in waited]
            waited |= {part.id for part in later}
            for part in level:
                if part in later:
                    continue
                if part.fold is not None and part.kind != "group":
                    inside = self.children(part)
                    if _is_worth_opening(part, inside):
                        groups.setdefault(_likeness(part), []).append((part, inside))
            level = later
            for group in sorted(groups.values(), key=lambda g: -max(p.count() for p, _ in g)):
                more = sum(len(inside) - 1 for _, inside in group)
                if shown + more <= budget:
                    shown += more
                    opened |= {part.id for part, _ in group}
                    level += [child for _, inside in group for child in inside]
        return opened

    def _walk(
        self, opened: set[str], depth: int | None = None, most: int = 10**9
    ) -> tuple[list[tuple[Part, int]], list[Frame], list[tuple[int, Part]]]:
        """The closed parts with the frame of each, the frames, and repeats that are frames."""
        closed: list[tuple[Part, int]] = []
        frames: list[Frame] = []
        repeats: list[tuple[int, Part]] = []
        pending: list[tuple[Part, int, int]] = [(root_part(self.root), -1, 0)]
        while pending:
            part, around, level = pending.pop()
            each = part.each in opened if part.is_repeat else False
            is_open = part.id in opened or each or (depth is not None and level < depth)
            if not (is_open and self._can_open(part)) and around >= 0:
                closed.append((part, around))
                if len(closed) > most:
                    raise TooManyBoxes(len(closed) + len(pending), most)
                continue
            frames.append(Frame((part.each if each else None) or part.id, part, around))
            at = len(frames) - 1
            if part.fold is None:
                closed.append((replace(part, path=f"{part.path}/itself", depth=part.depth + 1), at))
                continue
            if part.is_repeat and not each:
                repeats.append((at, part))
            inside = self.children(part, each=each)
            if len(inside) == 1 and inside[0].fold is None:
                opened = opened | {inside[0].id}  # an operation in a module of its own
            pending += [(child, at, level + 1) for child in reversed(inside)]
        return closed, frames, repeats

    def _place(self, view: View, parts: Sequence[tuple[Part, int]], most: int) -> None:
        """Boxes for the parts, and for the leaves that belong to none of them."""
        columns = self.columns
        order, box_at = columns.order, array("i", bytes(4 * len(columns.order)))
        functions: list[array[int]] = []
        for nr, (part, _) in enumerate(parts):
            mine = array("i")
            for stretch in part.positions():
                box_at[stretch.start : stretch.stop : stretch.step] = array("i", [nr]) * len(
                    stretch
                )
                mine.extend(order[stretch.start : stretch.stop : stretch.step])
            functions.append(mine)
        apart: dict[tuple[int, int, int], list[Home]] = {}
        for home in self.leaves.homes:
            nr = box_at[home.first] if home.first >= 0 else -1
            if nr >= 0 and parts[nr][0].depth <= home.depth:
                functions[nr].append(home.leaf)
            else:
                frame = self._frame_of(view, parts[nr][1] if nr >= 0 else 0, home.depth)
                apart.setdefault((frame, home.place, home.slot), []).append(home)
        for (part, frame), mine in zip(parts, functions, strict=True):
            id = f"f{mine[0] + 1}" if part.fold is None and len(mine) == 1 else part.id
            name, can = part.name, self._can_open(part) and not part.path.endswith("/itself")
            view.boxes.append(Box(id, part, name, frame, mine, can))
        self._place_leaves(view, apart)
        if len(view.boxes) > most:
            raise TooManyBoxes(len(view.boxes), most)
        box_at.append(-1)  # for leaves
        box_at.append(-1)
        view.box_of = array("i", map(box_at.__getitem__, columns.position))
        for nr, box in enumerate(view.boxes):
            leaves = box.functions[box.part.count() :] if box.part else box.functions
            for number in leaves:
                view.box_of[number] = nr

    def _place_leaves(self, view: View, apart: dict[tuple[int, int, int], list[Home]]) -> None:
        by_frame: dict[int, list[list[Home]]] = {}
        for (frame, _, _), homes in apart.items():
            by_frame.setdefault(frame, []).append(homes)
        for frame, boxes in sorted(by_frame.items()):
            path = f"{view.frames[frame].part.path}/leaves"
            if len(boxes) > MAX_LEAVES and id_of(path) not in view.opened:
                boxes = [[home for homes in boxes for home in homes]]
            for nr, homes in enumerate(boxes):
                mine = array("i", sorted(home.leaf for home in homes))
                many = len(by_frame[frame]) > len(boxes)
                id = (
                    f"f{mine[0] + 1}" if len(mine) == 1 else id_of(path if many else f"{path}/{nr}")
                )
                view.boxes.append(Box(id, None, "", frame, mine, many))

    def _frame_of(self, view: View, frame: int, depth: int) -> int:
        """The innermost frame around that holds the leaf."""
        while view.frames[frame].part.depth > depth and view.frames[frame].frame >= 0:
            frame = view.frames[frame].frame
        return frame

    def _flow(self, view: View, repeats: list[tuple[int, Part]]) -> None:
        """What goes between boxes, from every edge of the graph."""
        columns, box_of, turns = self.columns, view.box_of, _Turns(view, repeats)
        box_of.append(-1)  # which is what comes from nowhere
        tails = array("i", map(box_of.__getitem__, columns.givers))
        box_of.pop()
        boxes = array("i", map(box_of.__getitem__, columns.order))
        heads = array("i", map(boxes.__getitem__, columns.takers))
        counts = Counter(zip(tails, heads, strict=True))
        looped = {
            pair: around for pair in counts if pair[0] >= 0 and (around := turns.around(*pair))
        }
        found = Counter(
            {(*pair, False): count for pair, count in counts.items() if pair not in looped}
        )
        if looped:
            sources = zip(columns.inputs, columns.takers, strict=True)
            pairs = zip(tails, heads, strict=True)
            found.update(
                (*pair, source >= 0 and _carried(around, source, taker))
                for pair, (source, taker) in zip(pairs, sources, strict=True)
                if (around := looped.get(pair, []))
            )
        view.flows = [
            Flow(*each, count)
            for each, count in sorted(found.items())
            if each[0] >= 0 and (each[0] != each[1] or each[2])
        ]


def _carried(repeats: list[Part], source: int, taker: int) -> bool:
    """Whether an edge goes to a later turn of one of these."""
    if len(repeats) == 1 and not repeats[0].strides:
        first, unit = repeats[0].start + repeats[0].shift, repeats[0].unit
        return (source - first) // unit != (taker - first) // unit
    return any(part.turn_of(source) != part.turn_of(taker) for part in repeats)


class _Turns:
    """The repeats that are open around boxes."""

    def __init__(self, view: View, repeats: list[tuple[int, Part]]) -> None:
        self._of_frame = dict(repeats)
        self._view = view
        self._around: dict[int, frozenset[int]] = {}
        self._common: dict[tuple[int, int], list[Part]] = {}

    def around(self, tail: int, head: int) -> list[Part]:
        """The repeats that are open around both boxes."""
        if not self._of_frame:
            return []
        key = tail, head
        if key not in self._common:
            both = self._repeats(tail) & self._repeats(head)
            self._common[key] = [self._of_frame[at] for at in sorted(both)]
        return self._common[key]

    def _repeats(self, box: int) -> frozenset[int]:
        frame = self._view.boxes[box].frame
        if frame not in self._around:
            around, at = set(), frame
            while at >= 0:
                if at in self._of_frame:
                    around.add(at)
                at = self._view.frames[at].frame
            self._around[frame] = frozenset(around)
        return self._around[frame]


def _is_merged(part: Part) -> bool:
    """Whether it is a scope and a repeat in one, two levels that is."""
    return part.kind == "repeat" and part.fold is not None and bool(part.fold.names)


def _likeness(part: Part) -> str:
    """The same for the blocks of a network, be they repeated or not."""
    names = part.fold.names if part.fold is not None and part.kind == "repeat" else ()
    return alike((names[0] if names else part.name).rpartition(".")[2])


def _is_worth_opening(part: Part, inside: list[Part]) -> bool:
    """Whether what is in it is structure that the program's author made."""
    if part.kind != "module":
        return len(inside) <= MAX_TURN or any(child.fold is not None for child in inside)
    return any(child.fold is not None and _has_name(child.fold) for child in inside)


def _has_name(fold: Fold) -> bool:
    return bool(fold.name or fold.loop) and fold.kind != "group"


def folding_of(graph: Graph, code: str = "") -> Folding:
    """A run document's graph, folded. `code` is the program's text, for the names of loops."""
    return Folding(columns_of(graph), code)


def ids(graph: Graph, box: Box) -> Iterator[str]:
    """The ids of the functions in a box."""
    return (graph.functions[number].id for number in box.functions)
