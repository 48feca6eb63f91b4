"""What is said of a name in `options.roots` that leads to nothing."""

from collections.abc import Iterator

from gradfn.model.document import Diagnostic, RunDocument


def unknown_roots(document: RunDocument, roots: list[str]) -> Iterator[Diagnostic]:
    """A note for each of these names by which no tensor goes, if all that there was is told."""
    if document.status not in ("finished", "raised"):
        return
    tensors = {name for tensor in document.graph.tensors for name in tensor.names}
    kinds = {variable.name: variable.kind for variable in document.variables}
    for name in dict.fromkeys(roots):
        if name in tensors:
            continue
        kind = kinds.get(name)
        yield Diagnostic(
            id="root-unknown",
            severity="warning",
            line=None,
            title="A root that is no tensor",
            why=f"options.roots names {name!r}, "
            + (f"which is no tensor ({kind})." if kind else "and no tensor goes by this name."),
            fix="Use a name as the program has it, such as `loss` or `net.weight`.",
        )
