"""A run document with explanations where we have one."""

from dataclasses import replace

from gradfn.explain.advice.case import Case
from gradfn.explain.advice.lints import mistakes
from gradfn.explain.advice.messages import explain_text
from gradfn.explain.advice.run_end import explain_end, graph_cut, variables_cut
from gradfn.explain.advice.substitutes import explain_substitute
from gradfn.explain.backprop.by_hand import backprops
from gradfn.explain.backprop.roots import unknown_roots
from gradfn.explain.formulas.argument_values import ArgumentValues
from gradfn.explain.formulas.formulas import with_formulas
from gradfn.model.document import Diagnostic, Error, Explanation, RunDocument

MAX_EXPLAINED = 50  # warnings, the first: more are a flood, and each takes up to a millisecond


def explained(
    document: RunDocument,
    code: str = "",
    roots: list[str] | None = None,
    *,
    by_hand: bool = True,
) -> RunDocument:
    """The same run: its error and warnings explained, its functions with their formulas.

    `code` is the program, `roots` the names from which the graph was asked for; `by_hand` asks for
    gradients by hand, which take longer than all the rest.
    """
    case = Case(document, code)
    error = document.error
    if error is not None:
        error = replace(error, explanation=explain_end(error) or _of_error(case, error))
    warnings, more = document.diagnostics[:MAX_EXPLAINED], document.diagnostics[MAX_EXPLAINED:]
    diagnostics = tuple(_of_warning(case, each) for each in warnings) + more
    if document.status not in ("running", "paused"):  # a loop that still runs may still do it
        diagnostics += mistakes(case)
    if document.graph.truncated:
        diagnostics += (graph_cut(document.graph),)
    if document.variables_truncated:
        diagnostics += (variables_cut(document.variables),)
    diagnostics += tuple(unknown_roots(document, roots or []))
    document = replace(document, error=error, diagnostics=diagnostics)
    known = ArgumentValues(document)
    accounts = backprops(document, known=known) if by_hand else None
    return replace(with_formulas(document, known), by_hand=accounts)


def _of_error(case: Case, error: Error) -> Explanation | None:
    """From the innermost frame of the program: the line that failed, not the one that called it."""
    line = error.traceback[-1].line if error.traceback else error.line
    return explain_text(case, error.message, line)


def _of_warning(case: Case, warning: Diagnostic) -> Diagnostic:
    """The warning with its cause and its cure, when it is one we know."""
    if warning.id != "warning":
        return explain_substitute(warning)
    known = explain_text(case, warning.why, warning.line)
    if known is None:
        return warning
    return replace(
        warning,
        id=known.id,
        title=known.title,
        why=known.why,
        fix=known.fix,
        line=warning.line or known.line,
        tensors=known.tensors,
        functions=known.functions,
        edits=known.edits,
        guide=known.guide,
    )
