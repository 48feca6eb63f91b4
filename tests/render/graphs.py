"""Small graphs to draw, and their pictures read back from the SVG of the real Graphviz."""

from collections.abc import Sequence
from xml.etree import ElementTree

from gradfn.events.graph import Role
from gradfn.events.run import Frame
from gradfn.model.document import (
    Error,
    Function,
    Graph,
    NextFunction,
    Operand,
    Saved,
    Tensor,
    TensorValue,
)
from gradfn.model.recording import Cut
from gradfn.render.dot import dot_of
from gradfn.render.layout import lay_out
from tests.pace import patience

SVG = "{http://www.w3.org/2000/svg}"


def value(*numbers: float, shape: list[int] | None = None) -> TensorValue:
    return TensorValue([len(numbers)] if shape is None else shape, "float32", list(numbers), None)


def tensor(
    id: str,
    *names: str,
    role: Role = "leaf",
    grad_fn: str | None = None,
    output_nr: int = 0,
    holds: TensorValue | None = None,
    grad: TensorValue | None = None,
) -> Tensor:
    return Tensor(
        id=id,
        names=names,
        role=role,
        is_leaf=grad_fn is None,
        requires_grad=role != "constant",
        retains_grad=False,
        grad_fn=grad_fn,
        output_nr=output_nr,
        value=holds or value(1.0),
        grad=grad,
        version=0,
    )


def function(
    id: str,
    name: str,
    *following: str | tuple[str, int] | None,
    variable: str | None = None,
    inputs: tuple[Operand, ...] = (),
    saved: tuple[Saved, ...] = (),
    op: str | None = None,
) -> Function:
    entries = (entry if isinstance(entry, tuple) else (entry, 0) for entry in following)
    return Function(
        id=id,
        name=name,
        next_functions=tuple(None if to is None else NextFunction(to, nr) for to, nr in entries),
        variable=variable,
        inputs=inputs,
        saved=saved,
        op=op,
    )


def accumulate(id: str, leaf: str) -> Function:
    return function(id, "AccumulateGrad", variable=leaf)


def article(role: Role = "leaf") -> Graph:
    """Part 2.2: a = w + x, b = w + 1, y = a * b; w is used twice."""
    return Graph(
        tensors=(
            tensor("t1", "w", role=role, grad=value(5.0)),
            tensor("t2", "x", holds=value(2.0), grad=value(2.0)),
            tensor("t3", "a", role="intermediate", grad_fn="f2", holds=value(3.0)),
            tensor("t4", "b", role="intermediate", grad_fn="f3", holds=value(2.0)),
            tensor("t5", "y", role="intermediate", grad_fn="f1", holds=value(6.0)),
        ),
        functions=(
            function("f1", "MulBackward0", "f2", "f3"),
            function("f2", "AddBackward0", "f4", "f5"),
            function("f3", "AddBackward0", "f4", None),
            accumulate("f4", "t1"),
            accumulate("f5", "t2"),
        ),
    )


def rnn(steps: int) -> Graph:
    """h = tanh(h @ w + u + b), so many times, with the same three leaves."""
    functions = [accumulate(f"f{4 * steps + nr}", f"t{nr}") for nr in (1, 2, 3)]
    w, u, b = (f.id for f in functions)
    for step in range(steps):
        add, mm, sum_, tanh = (f"f{4 * step + nr}" for nr in (1, 2, 3, 4))
        before = f"f{4 * step}" if step else None
        functions += [
            function(mm, "MmBackward0", before, w),
            function(add, "AddBackward0", mm, u),
            function(sum_, "AddBackward0", add, b),
            function(tanh, "TanhBackward0", sum_),
        ]
    leaves = tuple(tensor(f"t{nr}", name) for nr, name in ((1, "w"), (2, "u"), (3, "b")))
    return Graph(leaves, tuple(reversed(functions)))


def failed(code: str, message: str = "shapes do not fit", line: int | None = 7) -> Error:
    frames = (Frame("<module>", line or 1, code),)
    return Error("exception", "RuntimeError", message, line, None, frames)


def drawn(
    graph: Graph,
    error: Error | None = None,
    *,
    cuts: Sequence[Cut] = (),
    legend: bool = False,
) -> ElementTree.Element:
    dot = dot_of(graph, error=error, cuts=cuts, legend=legend)
    return ElementTree.fromstring(lay_out(dot, "svg", seconds=patience(5)))


def classes(svg: ElementTree.Element) -> dict[str, str]:
    """The class of each element that stands for something, by id."""
    skip = ("graph0", "drawing", "legend")
    groups = ((g.get("id", ""), g.get("class", "")) for g in svg.iter(f"{SVG}g"))
    return {id: kind for id, kind in groups if id not in skip}


def text_of(svg: ElementTree.Element, id: str) -> list[str]:
    group = next(g for g in svg.iter(f"{SVG}g") if g.get("id") == id)
    return [(t.text or "").replace("\N{NO-BREAK SPACE}", " ") for t in group.iter(f"{SVG}text")]
