"""A run document with explanations where we have one."""

from dataclasses import replace

from app.explain.limits import explain_end, graph_cut
from app.explain.warnings import explain_warning
from app.model.document import RunDocument


def explained(document: RunDocument) -> RunDocument:
    """The same run, its error and its warnings explained."""
    error = document.error
    if error is not None:
        error = replace(error, explanation=explain_end(error))
    diagnostics = tuple(map(explain_warning, document.diagnostics))
    if document.graph.truncated:
        diagnostics += (graph_cut(document.graph),)
    return replace(document, error=error, diagnostics=diagnostics)
