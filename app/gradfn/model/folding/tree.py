"""A fold: a stretch of the program's operations, and what it consists of."""

from dataclasses import dataclass, field
from typing import Literal

FoldKind = Literal["program", "module", "function", "repeat", "group", "operation", "parameters"]


@dataclass(slots=True)
class Fold:
    """The operations from `start` to `end`, in the order in which they were made.

    `children` are folds and positions of operations. Those of a repeat are its first turn's;
    it has `times` turns of `unit` operations, the others are the same a little further on.
    `names` are those of its turns, where the program has a name for each; of a module in a repeat,
    those that it has in each turn. `frame` is the place in
    the stack of the frame that runs in it.
    """

    kind: FoldKind
    name: str
    start: int
    end: int
    frame: int = 0
    children: "list[Fold | int]" = field(default_factory=list)
    unit: int = 0
    times: int = 1
    names: tuple[str, ...] = ()
    loop: str = ""
    token: int = 0
    depth: int = 0

    @property
    def size(self) -> int:
        """How many operations are in it."""
        return self.end - self.start
