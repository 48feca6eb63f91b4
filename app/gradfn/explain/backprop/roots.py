"""Notes on names in `options.roots` that no tensor has."""

from collections.abc import Iterator

from gradfn.model.document import Diagnostic, RunDocument


def unknown_roots(document: RunDocument, roots: list[str]) -> Iterator[Diagnostic]:
    """A note for each name that no tensor has, if the recording is complete."""
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
            title="A root that is not a tensor",
            why=f"options.roots names {name!r}, "
            + (f"which is not a tensor ({kind})." if kind else "and no tensor has this name."),
            fix="Use a name of the program, such as `loss` or `net.weight`.",
        )
