"""Events folded into the run document. Ids count in the order sent: t1, t2 …, f1, f2 …"""

import base64
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gradfn.events import kinds
from gradfn.events.graph import NO_SEQUENCE_NR, TensorRead, column
from gradfn.events.graph import Variable as BoundVariable
from gradfn.events.kinds import Event
from gradfn.model.document import (
    Diagnostic,
    Error,
    Figure,
    Function,
    Graph,
    NextFunction,
    Result,
    RunDocument,
    Tensor,
    Timing,
    Variable,
    WrittenFile,
)
from gradfn.model.fold_recording import resolve_ids, with_recording
from gradfn.model.publish import Publisher


def document_of(events: Iterable[Event], *, steps: bool = False) -> RunDocument:
    """The document that the events of one run amount to; total_ms is left to who measures it."""
    fold = _Fold()
    for event in events:
        fold.add(event)
    return fold.document(steps)


@dataclass(slots=True)
class _Fold:
    """What the events so far amount to."""

    doc: RunDocument = field(default_factory=RunDocument)
    walked: kinds.GraphWalked | None = None
    read: tuple[TensorRead, ...] = ()
    truncated: bool = False
    variables: tuple[BoundVariable, ...] = ()
    figures: list[Figure] = field(default_factory=list)
    files: list[WrittenFile] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    recorded: kinds.Recorded | None = None

    def add(self, event: Event) -> None:
        doc = self.doc
        match event:
            case kinds.Printed(stream="stdout", text=text, truncated=cut):
                self.doc = replace(doc, stdout=text, stdout_truncated=cut)
            case kinds.Printed(text=text, truncated=cut):
                self.doc = replace(doc, stderr=text, stderr_truncated=cut)
            case kinds.Evaluated(repr=text):
                self.doc = replace(doc, result=Result(text))
            case kinds.Warned():
                self.diagnostics.append(diagnostic_of(event))
            case kinds.Raised():
                self.doc = replace(doc, status="raised", error=_error(event))
            case kinds.Halted():
                self.doc = replace(doc, status="stopped")
            case kinds.LimitReached():
                self.doc = _limited(doc, event)
            case kinds.Crashed(kind=kind, message=message):
                error = Error(kind=kind, type="Crashed", message=message)
                self.doc = replace(doc, status="crashed", error=error)
            case kinds.FigureDrawn():
                self.figures.append(figure_of(event))
            case kinds.FileWritten(name=name, size=size, data=data):
                self.files.append(WrittenFile(name, size, data is not None))
            case kinds.Substituted(what=what, line=line):
                self.diagnostics.append(Diagnostic(f"no-{what}", "info", line, what, "", ""))
            case kinds.GraphWalked():  # of what was seen before it, nothing stays beside it
                self.walked, self.read, self.recorded = event, (), None
            case kinds.TensorsRead(tensors=tensors, truncated=cut):
                self.read, self.truncated = tuple(tensors), cut
            case kinds.VariablesBound(variables=variables, truncated=cut):
                self.variables = tuple(variables)
                self.doc = replace(doc, variables_truncated=cut)
            case kinds.Recorded():
                self.recorded = event
            case kinds.GraphRead(walked=walked, read=read, recorded=recorded, variables=bound):
                for part in (walked, read, recorded, bound):
                    if part is not None:
                        self.add(part)
            case kinds.Finished(cpu_ms=cpu, peak_memory_mb=peak):
                limits = replace(doc.limits, cpu_ms=round(cpu, 3), peak_memory_mb=round(peak, 1))
                self.doc = replace(doc, limits=limits)
            case kinds.Timed(queue_ms=queue, run_ms=run):
                self.doc = replace(doc, timing=Timing(round(queue, 3), round(run, 3)))

    def document(self, steps: bool) -> RunDocument:
        document = replace(
            self.doc,
            graph=_graph(self.walked, self.read, self.truncated),
            variables=Publisher(resolve_ids(len(self.read), 0)).all(Variable, self.variables),
            figures=tuple(self.figures),
            files=tuple(self.files),
            diagnostics=tuple(self.diagnostics),
            steps=() if steps else None,
        )
        if self.recorded is None:
            return document
        return with_recording(document, self.recorded, steps=steps)


def _graph(
    walked: kinds.GraphWalked | None, read: tuple[TensorRead, ...], truncated: bool
) -> Graph:
    count = len(walked.kind_of) // 4 if walked else 0
    publisher = Publisher(resolve_ids(len(read), count))
    outputs: dict[int, list[str]] = {}
    leaf_of: dict[int, str] = {}
    for position, tensor in enumerate(read):
        if tensor.grad_fn is not None:
            outputs.setdefault(tensor.grad_fn, []).append(f"t{position + 1}")
        for accumulator in tensor.accumulators:
            leaf_of[accumulator] = f"t{position + 1}"
    return Graph(
        tensors=tuple(
            Tensor(id=f"t{position + 1}", **publisher.fields(Tensor, each))
            for position, each in enumerate(read)
        ),
        functions=_functions(walked, outputs, leaf_of) if walked else (),
        truncated=truncated or bool(walked and walked.truncated),
    )


def _functions(
    walked: kinds.GraphWalked, outputs: dict[int, list[str]], leaf_of: dict[int, str]
) -> tuple[Function, ...]:
    edges = [
        None if target < 0 else NextFunction(f"f{target + 1}", input_nr)
        for target, input_nr in zip(column(walked.functions), column(walked.input_nrs), strict=True)
    ]
    numbers = column(walked.sequence_nrs) or itertools.repeat(NO_SEQUENCE_NR)
    return tuple(
        Function(
            id=f"f{position + 1}",
            name=walked.kinds[kind],
            next_functions=tuple(edges[start:end]),
            outputs=tuple(outputs.get(position, ())),
            variable=leaf_of.get(position),
            sequence_nr=number if 0 <= number < NO_SEQUENCE_NR else None,
        )
        for position, (kind, number, (start, end)) in enumerate(
            zip(
                column(walked.kind_of),
                numbers,
                itertools.pairwise(column(walked.offsets)),
                strict=False,
            )
        )
    )


def _error(raised: kinds.Raised) -> Error:
    return Error(
        kind="syntax" if raised.kind == "syntax" else "exception",
        type=raised.type,
        message=raised.message,
        line=raised.line,
        column=raised.column,
        traceback=tuple(raised.traceback),
    )


def _limited(doc: RunDocument, event: kinds.LimitReached) -> RunDocument:
    """The limit becomes the error; where it was raised as an exception, the place is kept."""
    reached = tuple(dict.fromkeys((*doc.limits.reached, event.limit)))
    doc = replace(doc, limits=replace(doc.limits, reached=reached))
    if event.limit == "graph":  # it cuts what is shown, not the run
        return doc
    place = doc.error or Error(kind="limit", type="LimitReached", message="")
    error = replace(place, kind="limit", message=event.message, limit=event.limit)
    return replace(doc, status="limit", error=error)


def diagnostic_of(warned: kinds.Warned) -> Diagnostic:
    """A warning of the program, not explained yet."""
    return Diagnostic(
        id="warning",
        severity="warning",
        line=warned.line,
        title=warned.category,
        why=warned.message,
        fix="",
    )


def figure_of(drawn: kinds.FigureDrawn) -> Figure:
    """A figure as text, whatever its bytes are."""
    if drawn.format == "png":
        return Figure("png", base64.b64encode(drawn.data).decode(), drawn.line)
    return Figure("svg", drawn.data.decode("utf-8", "replace"), drawn.line)
