"""Graphs that were walked lately, so that opening a fold runs no program again."""

import secrets
from collections import OrderedDict

from gradfn.model.document import RunDocument
from gradfn.render.choice import Foldable

MAX_FUNCTIONS = 300_000  # of all graphs that are kept
MAX_GRAPHS = 200


class KeptGraphs:
    """Graphs by a name that nobody can guess; the least recently asked for go first."""

    def __init__(self, max_functions: int = MAX_FUNCTIONS) -> None:
        self._max = max_functions
        self._functions = 0
        self._kept: OrderedDict[str, Foldable] = OrderedDict()

    def keep(self, document: RunDocument, code: str) -> tuple[str | None, Foldable]:
        """The document's graph and the name that it is kept by; None when it is too large."""
        graph = Foldable(document.graph, code, document.error, document.cuts)
        size = _size(graph)
        if size > self._max:
            return None, graph
        name = secrets.token_urlsafe(16)
        self._kept[name] = graph
        self._functions += size
        while self._functions > self._max or len(self._kept) > MAX_GRAPHS:
            _, oldest = self._kept.popitem(last=False)
            self._functions -= _size(oldest)
        return name, graph

    def find(self, name: str | None, code: str) -> Foldable | None:
        """The graph of this name, if it is still kept and is that of this program."""
        graph = self._kept.get(name) if name is not None else None
        if name is None or graph is None or graph.code != code:
            return None
        self._kept.move_to_end(name)
        return graph


def _size(graph: Foldable) -> int:
    return len(graph.graph.functions) + len(graph.graph.tensors)
