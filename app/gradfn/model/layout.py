"""A drawing as numbers: what a run document has of its picture for those who draw it themselves."""

from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]

Kind = Literal[
    "leaf",
    "parameter",
    "intermediate",
    "constant",
    "function",
    "accumulate",
    "proxy leaf",
    "proxy parameter",
    "proxy constant",
    "cut",
    "error",
    "empty",
    "fold",
    "fold repeat",
    "fold group",
    "operations",
    "leaves",
]


@dataclass(slots=True)
class Inside:
    """What a box holds. `functions` are all of PyTorch's, AccumulateGrads included.

    `elements` and `bytes` are those of its leaves, `frozen` the elements of parameters of its
    modules that need no gradient. Gradients are those of its leaves, by their 2-norms. `nonfinite`
    counts the elements of its tensors and gradients that are NaN or infinite. Tensors that the
    document does not have count nowhere.
    """

    functions: int = 0
    leaves: int = 0
    elements: int = 0
    bytes: int = 0
    frozen: int = 0
    least_grad: float | None = None
    greatest_grad: float | None = None
    nonfinite: int = 0

    def add(self, other: "Inside") -> None:
        """Have what the other has, too."""
        self.functions += other.functions
        self.leaves += other.leaves
        self.elements += other.elements
        self.bytes += other.bytes
        self.frozen += other.frozen
        self.nonfinite += other.nonfinite
        for norm in (other.least_grad, other.greatest_grad):
            if norm is not None:
                self.add_grad(norm)

    def add_grad(self, norm: float) -> None:
        """Know how large the gradient of one more tensor is."""
        self.least_grad = norm if self.least_grad is None else min(self.least_grad, norm)
        self.greatest_grad = norm if self.greatest_grad is None else max(self.greatest_grad, norm)


@dataclass(frozen=True, slots=True)
class PlacedFold:
    """What a box or a frame is a fold of.

    `id` in `open` opens it; of a repeat that shows one turn for all, `each` opens the turns one by
    one. `path` is the same in words, from the program down. `times` turns look alike; `loop` is
    the head of the loop that made them.
    """

    id: str
    path: str
    kind: str
    name: str
    can_open: bool
    times: int
    each: str | None
    loop: str


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """One box: its middle and size in points, from the left upper corner of the drawing.

    `count` functions are in it, `functions` are their ids, null where the graph is large. A box
    of a tensor has none.
    """

    id: str
    kind: Kind
    rows: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float
    frame: str | None
    count: int
    functions: tuple[str, ...] | None
    inside: Inside | None
    fold: PlacedFold | None


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """An open fold: the rectangle around what is in it."""

    id: str
    title: str
    x: float
    y: float
    width: float
    height: float
    frame: str | None
    inside: Inside
    fold: PlacedFold


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """One arrow. `points` are those of a cubic Bézier path, `tip` is where its head ends."""

    id: str
    tail: str
    head: str
    label: str
    label_at: Point | None
    carried: bool
    points: tuple[Point, ...]
    tip: Point | None


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing as numbers. `graph` names the graph in further requests, as long as it is kept.

    `opened` are the folds that are open, `unknown` those asked for that are not in the graph.
    """

    schema: Literal["gradfn/layout/1"]
    graph: str | None
    folded: bool
    functions: int
    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    frames: tuple[PlacedFrame, ...]
    edges: tuple[PlacedEdge, ...]
    opened: tuple[str, ...]
    unknown: tuple[str, ...]
