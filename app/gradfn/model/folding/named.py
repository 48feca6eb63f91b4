"""Folds by the names that a picture shows: `attn`, `blocks[0…11]/attn`, or `*` for all."""

from collections.abc import Sequence

from gradfn.model.folding.parts import Part, root_part
from gradfn.model.folding.select import NotInGraph
from gradfn.model.folding.view import Folding

MAX_PARTS = 100_000  # that are searched for a name
ALL = "*"


def ids_of(folding: Folding, names: Sequence[str]) -> tuple[str, ...]:
    """The ids to open for every fold of one of these names, with those around it; NotInGraph.

    A name is that of a fold, after those of folds around it where that is needed to tell it from
    others: `encoder/attn` or `encoder.attn`. A repeat is opened as one turn.
    """
    wanted = {name: _words(name) for name in names}
    opened: dict[str, None] = {}
    missing = set(wanted)
    pending: list[tuple[Part, tuple[str, ...], tuple[str, ...]]] = [
        (root_part(folding.root), (), ())
    ]
    searched = 0
    while pending and searched < MAX_PARTS:
        part, around, ids = pending.pop()
        searched += 1
        if part.fold is None:
            continue
        path, ids = (*around, *_words(part.name)), (*ids, part.id)
        for name, parts in wanted.items():
            if name == ALL or path[-len(parts) :] == parts:
                missing.discard(name)
                opened.update(dict.fromkeys(ids))
        pending += [(child, path, ids) for child in folding.children(part)]
    if missing:
        names = ", ".join(map(repr, sorted(missing)))
        if pending:
            raise NotInGraph(f"Among the first {MAX_PARTS:,} folds none is called {names}.")
        raise NotInGraph(f"There is no fold called {names}.")
    return tuple(opened)


def _words(name: str) -> tuple[str, ...]:
    """A fold in which there is only one other is shown as one, by both names: `encoder.attn`."""
    return tuple(name.replace("/", ".").split("."))
