"""What to do when a limit or a crash ended a run."""

from gradfn.model.document import Diagnostic, Error, Explanation, Graph, Variable

_BY_LIMIT = {
    "time": Explanation(
        "limit-time",
        "The program ran out of time",
        "A loop that does not end, a sleep, or simply more work than one run may do.",
        "Let the loop end, use fewer iterations or a smaller tensor, or run a server of your own "
        "with a larger GRADFN_WALL_SECONDS.",
    ),
    "memory": Explanation(
        "limit-memory",
        "The program ran out of memory",
        "A tensor with more elements than fit, or a list that keeps every graph alive.",
        "Use a smaller shape; collect numbers by loss.item(), not the losses themselves.",
    ),
    "output": Explanation(
        "limit-output",
        "The program printed too much",
        "Everything up to the limit is shown; then the program was ended.",
        "Print in every hundredth iteration only, or a summary instead of whole tensors.",
    ),
    "events": Explanation(
        "limit-events",
        "The program produced too much data",
        "Figures, warnings and values together exceeded the limit.",
        "Draw fewer figures, or ask for fewer values with options.max_values.",
    ),
}

_BY_KIND = {
    "crash": Explanation(
        "crash",
        "The process that ran the program ended unexpectedly",
        "It ended without a Python error. What was recorded until then is shown.",
        "Look for ctypes, os._exit, very deep recursion, or run it once more.",
    ),
    "forbidden": Explanation(
        "forbidden",
        "The program tried something that the jail forbids",
        "Programs here compute: they cannot open connections, start processes or write files.",
        "Leave that part out, or run a server of your own.",
    ),
}


def explain_end(error: Error) -> Explanation | None:
    """Why the run ended, when it was not by an exception of the program."""
    if error.limit is not None:
        return _BY_LIMIT.get(error.limit)
    return _BY_KIND.get(error.kind)


def graph_cut(graph: Graph) -> Diagnostic:
    """The note on a graph that was too large to show whole."""
    return Diagnostic(
        id="graph-truncated",
        severity="warning",
        line=None,
        title="The graph is larger than what is shown",
        why=f"{len(graph.functions):,} functions nearest to the roots and "
        f"{len(graph.tensors):,} tensors are shown; the rest was left out.",
        fix="Use fewer iterations, or choose where to start with options.roots.",
    )


def variables_cut(variables: tuple[Variable, ...]) -> Diagnostic:
    """The note on a program that bound more names than are listed."""
    return Diagnostic(
        id="variables-truncated",
        severity="info",
        line=None,
        title="There are more variables than are listed",
        why=f"The first {len(variables):,} names of the program are listed. "
        "Tensors with other names are in the graph all the same.",
        fix="Keep what belongs together in a list or a dictionary.",
    )
