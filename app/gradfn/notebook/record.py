"""`with record() as run:` around ordinary code: its graph, lines, backward passes, its error."""

import sys
from dataclasses import replace
from types import FrameType, TracebackType
from typing import Any, Self

from gradfn.explain.document import explained
from gradfn.model.document import RunDocument
from gradfn.model.fold import document_of
from gradfn.notebook.names import hidden_names, names_of_caller, without_lines_before
from gradfn.notebook.output import Output
from gradfn.recorder.block import BlockRecording
from gradfn.render.html.page import Note, notes_of


class record:  # used as a function
    """Record what autograd does in a block: `with gradfn.record() as run:`.

    `max_values`: a tensor of more elements is summarised. `max_functions`: a graph of more is cut.

    When the block is over, `run` is what a notebook shows, `run.document` the data behind it,
    `run.svg` the picture. An exception of the block is raised as ever, and is explained in `run`.
    No code is changed, and the block runs in this process as if it were not recorded. RuntimeError
    where the same recording is entered twice, or asked before its block is over.
    """

    def __init__(self, *, max_values: int = 256, max_functions: int = 100_000) -> None:
        self._max = (max_values, max_functions)
        self._recording: BlockRecording | None = None
        self._frame: FrameType | None = None
        self._before: frozenset[str] = frozenset()
        self._output: Output | None = None

    def __enter__(self) -> Self:
        if self._recording is not None or self._output is not None:
            raise RuntimeError("this recording has been used: call gradfn.record() once more")
        self._frame = frame = sys._getframe(1)
        self._before = frozenset(names_of_caller(frame))
        self._recording = BlockRecording(frame, *self._max)
        self._recording.begin()
        return self

    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        recording, frame = self._recording, self._frame
        assert recording is not None
        assert frame is not None
        self._recording = self._frame = None
        recording.end(error)
        names = names_of_caller(frame)
        source = recording.block.source
        # Without source nothing says which names the block uses.
        hidden = hidden_names(names, self._before, source) if source else frozenset()
        events = recording.events(names, hidden)
        document = without_lines_before(document_of(events), recording.first_sequence_nr)
        document = explained(document, source)
        told = tuple(each for each in document.diagnostics if each.id not in _OF_BINDINGS)
        document = replace(document, diagnostics=told)
        notes = [*notes_of(document)]
        if not recording.lines_known:
            notes.append(Note("info", *_NO_LINES))
        self._output = Output(document, tuple(notes), source)

    @property
    def output(self) -> Output:
        """What is shown of the block; RuntimeError before it is over."""
        if self._output is None:
            raise RuntimeError("the block is not over: ask after `with gradfn.record()`")
        return self._output

    @property
    def document(self) -> RunDocument:
        """The run document: graph, backward passes, error, diagnostics (docs/api.md)."""
        return self.output.document

    @property
    def svg(self) -> str | None:
        """The picture as a file of SVG, None where there is none."""
        return self.output.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        if self._output is None:
            return {"text/plain": repr(self)}
        return self._output._repr_mimebundle_(include, exclude)

    def _mime_(self) -> tuple[str, str]:
        return ("text/plain", repr(self)) if self._output is None else self._output._mime_()

    def __repr__(self) -> str:
        return "<recording>" if self._output is None else repr(self._output)


# What is told of names that are bound to other things later, which nobody sees in a block.
_OF_BINDINGS = frozenset(("parameter-without-gradient",))
_NO_LINES = (
    "The lines of this block are not known",
    "Its source was not found, it was not entered by `with gradfn.record()`, or a debugger or a "
    "measurement follows its lines. From PyTorch 2.14 on a debugger is no hindrance.",
)
