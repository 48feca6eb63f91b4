"""Which drawing of a graph is asked for: node for node, folded, or only a part of it."""

from collections.abc import Sequence

from gradfn.events.reading import Choice
from gradfn.model.document import Error, Graph
from gradfn.model.folding.select import around, between
from gradfn.model.folding.view import Folding, folding_of
from gradfn.model.recording import Cut
from gradfn.render.drawing import Drawing, draw, merged
from gradfn.render.folded import FoldedDrawing, draw_folded
from gradfn.render.layout import GraphTooLarge

FOLD_ABOVE = 30  # boxes of a drawing node for node


class Foldable:
    """A graph that was walked, with all that a drawing of it needs. It is folded once."""

    def __init__(
        self, graph: Graph, code: str = "", error: Error | None = None, cuts: Sequence[Cut] = ()
    ) -> None:
        self.graph, self.code, self.error, self.cuts = graph, code, error, cuts
        self._folding: Folding | None = None

    @property
    def folding(self) -> Folding:
        """The graph, folded."""
        if self._folding is None:
            self._folding = folding_of(self.graph, self.code)
        return self._folding

    def part(self, choice: Choice) -> "Foldable":
        """As much of it as is asked for; NotInGraph."""
        graph = self.graph
        if choice.around is not None:
            graph = around(graph, choice.around, choice.hops)
        if choice.paths is not None:
            graph = between(graph, *choice.paths)
        return Foldable(graph, self.code, self.error, self.cuts)


def choose(of: Foldable, choice: Choice) -> Drawing | FoldedDrawing:
    """The drawing; GraphTooLarge or TooManyBoxes when it has more boxes than are asked for."""
    if choice.is_part:
        of = of.part(choice)
    folds = choice.fold
    if folds is None and (choice.open is not None or choice.depth is not None):
        folds = True
    most = FOLD_ABOVE if folds is None else choice.boxes
    if not folds and len(of.graph.functions) <= most:
        drawing = draw(of.graph, of.error, of.cuts, compact=choice.compact)
        if choice.merged:
            drawing = merged(drawing, of.graph.functions)
        if len(drawing.nodes) <= most:
            return drawing
        if folds is not None:
            raise GraphTooLarge(len(drawing.nodes), most)
    if folds is False:
        raise GraphTooLarge(len(of.graph.functions), most)
    folding = of.folding
    if choice.depth is not None or choice.open is not None:
        opened = set(choice.open or ())
    else:
        opened = folding.first()
    view = folding.view(opened, depth=choice.depth, most=choice.boxes)
    return draw_folded(of.graph, folding, view, of.error)
