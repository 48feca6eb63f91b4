"""Where a history ended: a tensor with one went in, and what came out has none."""

import math
from typing import Any

from gradfn.events.recorded import CutReason, RecordedCut
from gradfn.recorder.instrument.sites import Site
from gradfn.recorder.report.tables import Tables
from gradfn.recorder.torch_internals import requires_grad
from gradfn.recorder.watch.notes import Operation
from gradfn.recorder.watch.snapshots import TensorSnapshot

MAX_CUTS = 1_000
_NUMBERS = frozenset(
    "item float int bool complex round equal allclose __float__ __int__".split()
) | frozenset(vars(math))
_PLAIN = (bool, int, float, complex)
_NEW = frozenset(("tensor", "as_tensor", "Tensor", "from_numpy", "array", "asarray"))
_ARRAYS = frozenset(("numpy", "__array__"))
_DTYPES = frozenset(
    "long int bool short byte char to type eq ne lt le gt ge isnan isinf isfinite".split()
)
# Their results take a shape or a type from a tensor, not its values.
_UNRELATED = ("_like", "new_", "empty", "zeros", "ones", "full", "rand", "randn", "size", "is_")


def cuts_of(operations: list[Operation], tables: Tables) -> list[RecordedCut]:
    """Every cut once a place and reason; the latest is reported, and how many there were."""
    found: dict[tuple[int, CutReason], tuple[int, tuple[Any, ...], TensorSnapshot]] = {}
    sources: dict[int, TensorSnapshot] = {}  # of a result, what it was computed from
    for note in operations:
        site, result = tables.sites[note[0]], note[6]
        if (lost := _with_history(note[5])) is None:
            continue
        if type(result) is TensorSnapshot and result.requires_grad and result is not lost:
            sources.setdefault(result.number, lost)
        reason = _reason(site, note, result, lost)
        if reason is not None:
            times = found.get((note[0], reason), (0,))[0]
            found[note[0], reason] = (times + 1, note, lost)
    return [
        _cut(tables, site, reason, *rest, sources)
        for (site, reason), rest in list(found.items())[:MAX_CUTS]
    ]


def _in_graph(
    tables: Tables, lost: TensorSnapshot, sources: dict[int, TensorSnapshot]
) -> tuple[int | None, int | None]:
    """The tensor, or if it is gone the nearest before it that is there: its function and index."""
    tensors = tables.tensors
    at: TensorSnapshot | None = lost
    while at is not None:
        function = tensors.function_of_seq.get(at.seq) if at.seq >= 0 else None
        if function is not None:
            tensor = tensors.output(function, at.output_nr)
        else:
            tensor = tensors.alive(at)
        if tensor is not None or function is not None:
            return function, tensor
        at = sources.get(at.number)
    return None, None


def _cut(
    tables: Tables,
    number: int,
    reason: CutReason,
    times: int,
    note: tuple[Any, ...],
    lost: TensorSnapshot,
    sources: dict[int, TensorSnapshot],
) -> RecordedCut:
    site, tensors = tables.sites[number], tables.tensors
    function, tensor = _in_graph(tables, lost, sources)
    result = note[6]
    known = type(result) is TensorSnapshot and result is not lost
    return RecordedCut(
        reason=reason,
        span=(place := tables.place(site)),
        code=place,
        stack=tables.stack(note[1], site.line),
        step=max(note[2], 0),
        name=tables.name_of(tensor, site),
        tensor=tensor,
        function=function,
        result=tensors.alive(result) if known else None,
        times=times,
    )


def _with_history(taken: tuple[Any, ...]) -> TensorSnapshot | None:
    """The first operand that autograd follows."""
    for each in taken:
        for seen in each if type(each) is tuple else (each,):
            if type(seen) is TensorSnapshot and seen.requires_grad:
                return seen
    return None


def _reason(
    site: Site, note: tuple[Any, ...], result: Any, lost: TensorSnapshot
) -> CutReason | None:
    if site.kind == "call" and site.name == "detach_":
        return "detach"
    if site.kind in ("call", "operator", "compare", "attribute", "subscript"):
        if type(result) is TensorSnapshot:
            return _of_tensor(site, note, result)
        if site.kind == "call" and site.name in _NUMBERS and type(result) in _PLAIN:
            return "number"
        if site.kind == "call" and site.name == "tolist":
            return "number"
        if site.kind == "call" and site.name in _ARRAYS:
            return "numpy"
    return None


def _of_tensor(site: Site, note: tuple[Any, ...], result: TensorSnapshot) -> CutReason | None:
    name, mode = site.name, note[7]
    is_new = result.site in (note[0], site.statement) and result.step >= note[2]
    if result.requires_grad or not is_new:
        return None  # it has a history, or was there before
    tensor = result.ref()
    if tensor is not None and requires_grad(tensor):
        return None  # it got one later, as the output of a custom Function does
    if site.kind == "attribute":
        return "data" if name == "data" else mode or None if name != "grad" else None
    if name == "detach":
        return "detach"
    if site.kind == "call" and name in _NEW:
        return "new_tensor"
    if site.kind == "call" and any(part in name for part in _UNRELATED):
        return None
    if mode:
        return mode  # type: ignore[no-any-return]
    captured = result.captured
    if captured is not None and not (captured.dtype.is_floating_point or captured.dtype.is_complex):
        return "dtype" if site.kind == "compare" or name in _DTYPES else "no_derivative"
    return "no_derivative"
