"""Where a history ended, as marks on the picture: one for each tensor that lost its own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gradfn.model.document import Graph, Tensor
from gradfn.model.recording import Cut, CutReason
from gradfn.render.quote import shown

REASONS: dict[CutReason, str] = {
    "detach": "detach()",
    "data": ".data",
    "no_grad": "no_grad",
    "inference_mode": "inference_mode",
    "number": "number",
    "numpy": "numpy",
    "new_tensor": "new tensor",
    "dtype": "dtype",
    "no_derivative": "no derivative",
}


@dataclass(slots=True)
class Mark:
    """All cuts at one source, which is drawn; `results` are the tensors that they returned."""

    source: str
    times: dict[CutReason, int] = field(default_factory=dict)
    results: dict[str, None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"cut-{self.source}"

    @property
    def rows(self) -> tuple[str, ...]:
        """What cut, and how often where it was more than once."""
        reasons = (
            REASONS[reason] if times == 1 else f"{REASONS[reason]} ×{times:,}"
            for reason, times in self.times.items()
        )
        return (shown(f"cut: {', '.join(reasons)}"),)


def marks_of(
    cuts: Iterable[Cut], graph: Graph, drawn: Mapping[str, Tensor], tied: Iterable[str]
) -> Sequence[Mark]:
    """The marks, in the order of the cuts.

    A tensor without a box has its mark at the function that made it. A leaf has no history to
    lose, so its cuts are drawn only where what came out is in the picture too.
    """
    functions = {function.id for function in graph.functions}
    tied = set(tied)
    results = {
        tensor.id
        for tensor in drawn.values()
        if tensor.role == "constant" and (tensor.alive or tensor.id in tied)
    }
    marks: dict[str, Mark] = {}
    for cut in cuts:
        tensor = drawn.get(cut.tensor or "")
        result = cut.result if cut.result in results else None
        source = tensor.id if tensor else cut.function
        if source is None or not (tensor or source in functions):
            continue
        if tensor and tensor.is_leaf and result is None:
            continue
        mark = marks.setdefault(source, Mark(source))
        mark.times[cut.reason] = mark.times.get(cut.reason, 0) + cut.times
        if result is not None and result != source:
            mark.results[result] = None
    return tuple(marks.values())
