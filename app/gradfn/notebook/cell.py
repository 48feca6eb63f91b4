"""`%%gradfn`: a cell run in the notebook's own names, recorded, and shown with its explanations."""

from contextlib import suppress
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from gradfn.explain.document import explained
from gradfn.model.document import Error
from gradfn.model.fold import document_of
from gradfn.notebook.names import hidden_names, without_lines_before
from gradfn.notebook.output import Output
from gradfn.recorder.in_process import record
from gradfn.recorder.instrument.compile import COMPILE_ERRORS
from gradfn.recorder.torch_internals import next_sequence_nr
from gradfn.render.html.page import Note, notes_of


class CellRaised(Exception):
    """The cell raised: said again, so that what would run after it does not."""

    def __init__(self, error: Error) -> None:
        at = "" if error.line is None else f" in line {error.line}"
        super().__init__(f"{error.type}{at}, explained above")

    def _render_traceback_(self) -> list[str]:  # IPython asks for it: the output said the rest
        return [str(self)]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext gradfn`: from now on there is `%%gradfn`."""

    def gradfn(line: str, cell: str) -> None:
        """Run the cell and show what autograd recorded of it."""
        run_cell(shell, cell)

    shell.register_magic_function(gradfn, "cell")


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext gradfn`."""
    shell.magics_manager.magics["cell"].pop("gradfn", None)


def run_cell(shell: InteractiveShell, cell: str) -> None:
    """Run a cell's text in the names of the shell, and show it; CellRaised where it raised."""
    source = _as_numbered(shell, cell)
    names: dict[str, Any] = shell.user_ns
    first = next_sequence_nr()
    events = record(source, names, hidden=hidden_names(names, names, source))
    document = without_lines_before(document_of(events), first)
    document = explained(document, source)
    notes = notes_of(document)
    if document.result is not None:
        notes.insert(0, Note("info", "The value of the last line", document.result.repr))
    display(Output(document, tuple(notes), source))
    if document.error is not None:
        raise CellRaised(document.error)


def _as_numbered(shell: InteractiveShell, cell: str) -> str:
    """The cell as Python, its lines numbered as in the notebook: `%%gradfn` is the first.

    `!commands` and `%magics` in it become calls, as everywhere in IPython.
    """
    body = cell.lstrip("\n")
    with suppress(*COMPILE_ERRORS):  # record says where
        body = shell.transform_cell(body)
    return "\n" * (1 + len(cell) - len(cell.lstrip("\n"))) + body
