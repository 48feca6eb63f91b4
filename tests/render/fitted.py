"""A run as the recorder tells it, worked out with plain numbers: a line fitted in three rounds."""

from dataclasses import replace
from itertools import count
from typing import Literal

from gradfn.model.document import (
    Function,
    Graph,
    NextFunction,
    Operand,
    RunDocument,
    Saved,
    Tensor,
    TensorValue,
    Variable,
)
from gradfn.model.recording import (
    BackwardPass,
    Bound,
    Changed,
    Cut,
    InPlaceChange,
    Made,
    Moment,
    PassedFunction,
    Recording,
    Span,
    StackFrame,
    Step,
    TrainingEvent,
)
from tests.render.graphs import tensor, value

CODE = """\
import torch
x = torch.tensor([1.0, 2.0, 3.0])
y = torch.tensor([7.0, 9.0, 11.0])
w = torch.tensor([1.0], requires_grad=True)
b = torch.tensor([0.0], requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.05)
for i in range(3):
    y_pred = w * x + b
    loss = (0.5 * (y - y_pred) ** 2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    print(i, loss.item())
"""
LINES = CODE.splitlines()
X, Y = (1.0, 2.0, 3.0), (7.0, 9.0, 11.0)
# Function, its line, its expression, ATen's name, what it took, what follows it.
OPERATIONS = (
    ("f1", "MeanBackward0", 9, "(0.5 * (y - y_pred) ** 2).mean()", "aten::mean", ["f2"]),
    ("f2", "MulBackward0", 9, "0.5 * (y - y_pred) ** 2", "aten::mul.Tensor", ["f3", None]),
    ("f3", "PowBackward0", 9, "(y - y_pred) ** 2", "aten::pow.Tensor_Scalar", ["f4"]),
    ("f4", "SubBackward0", 9, "y - y_pred", "aten::sub.Tensor", [None, "f5"]),
    ("f5", "AddBackward0", 8, "w * x + b", "aten::add.Tensor", ["f6", "f8"]),
    ("f6", "MulBackward0", 8, "w * x", "aten::mul.Tensor", ["f7", None]),
)
OPERANDS = {
    "f1": (Operand("self", "t8"),),
    "f2": (Operand("self", "t9"), Operand("other", value=0.5)),
    "f3": (Operand("self", "t10"), Operand("exponent", value=2)),
    "f4": (Operand("self", "t2"), Operand("other", "t5")),
    "f5": (Operand("self", "t7"), Operand("other", "t4")),
    "f6": (Operand("self", "t3"), Operand("other", "t1")),
}
OUTPUTS = {"f1": "t6", "f2": "t8", "f3": "t9", "f4": "t10", "f5": "t5", "f6": "t7"}
SAVED = {
    "f3": (Saved("exponent", value=2), Saved("self", "t10", freed=True)),
    "f6": (Saved("other", "t1", freed=True), Saved("self", "t3", freed=True, modified=True)),
}


def linear_regression(rounds: int = 3, *, thinned: tuple[str, ...] = ()) -> RunDocument:
    """Its document; with more rounds than three, as long as one wants."""
    return _Fit(rounds).document(thinned)


class _Fit:
    """Gradient descent on plain numbers, and what a recorder would have noted of it."""

    def __init__(self, rounds: int) -> None:
        self.w, self.b = 1.0, 0.0
        self.steps: list[Step] = []
        self.passes: list[BackwardPass] = []
        self.training: list[TrainingEvent] = []
        self.made: dict[str, TensorValue] = {}
        self.step(1, Bound("torch", "other", "module"))
        for line, name, id, held in (
            (2, "x", "t1", X), (3, "y", "t2", Y), (4, "w", "t3", (1.0,)), (5, "b", "t4", (0.0,)),
        ):  # fmt: skip
            self.step(line, Bound(name, "tensor", "", value(*held), id))
        self.step(6, Bound("optimizer", "optimizer", "SGD"))
        for i in range(rounds):
            self.round(i, rounds)

    def step(
        self, line: int, *bound: Bound, made: tuple[Made, ...] = (),
        changed: tuple[Moment, ...] = (), printed: str = "", iteration: int | None = None,
    ) -> None:  # fmt: skip
        at = (line, len(self.steps) + 1, 0, "<module>", iteration)
        self.steps.append(Step(*at, bound, made, changed, printed))

    def round(self, i: int, rounds: int) -> None:
        last = i == rounds - 1
        self.step(7, Bound("i", "number", str(i)), iteration=i)

        wx = [self.w * x for x in X]
        predicted = [each + self.b for each in wx]
        y_pred = Bound("y_pred", "tensor", "", value(*predicted), "t5" if last else None)
        self.forward(8, i, y_pred, f6=value(*wx), f5=value(*predicted))

        off = [y - p for y, p in zip(Y, predicted, strict=True)]
        halves = [0.5 * each**2 for each in off]
        loss = sum(halves) / len(halves)
        held = value(loss, shape=[])
        self.forward(
            9, i, Bound("loss", "tensor", "", held, "t6" if last else None),
            f4=value(*off), f3=value(*(each**2 for each in off)), f2=value(*halves), f1=held,
        )  # fmt: skip

        grads = self.backward(off, held, rounds)
        self.step(10, changed=_moments("grad", *map(value, grads)), iteration=i)

        before = self.w, self.b
        self.w -= 0.05 * grads[0]
        self.b -= 0.05 * grads[1]
        after = self.w, self.b
        self.step(11, changed=_moments("value", *map(value, after)), iteration=i)
        self.train("optimizer_step", "optimizer.step()", before, after)
        self.step(12, changed=_moments("grad", None, None), iteration=i)
        self.train("zero_grad", "optimizer.zero_grad()", grads, None)
        self.step(13, iteration=i, printed=f"{i} {loss}\n")

    def forward(self, line: int, i: int, bound: Bound, **made: TensorValue) -> None:
        self.made |= made
        self.step(
            line, bound, made=tuple(Made(id, 0, held) for id, held in made.items()), iteration=i
        )

    def backward(self, off: list[float], loss: TensorValue, rounds: int) -> tuple[float, float]:
        one, thirds = value(1.0, shape=[]), value(*(1 / 3 for _ in off))
        squared = value(*(0.5 / 3 for _ in off))
        error = [each / 3 for each in off]
        predicted = value(*(-each for each in error))
        w = value(-sum(e * x for e, x in zip(error, X, strict=True)))
        b = value(-sum(error))
        passed = (
            PassedFunction("f1", (one,), (thirds,), "MeanBackward0"),
            PassedFunction("f2", (thirds,), (squared, None), "MulBackward0"),
            PassedFunction("f3", (squared,), (value(*error),), "PowBackward0"),
            PassedFunction("f4", (value(*error),), (None, predicted), "SubBackward0"),
            PassedFunction("f5", (predicted,), (predicted, b), "AddBackward0"),
            PassedFunction("f8", (b,), (), "AccumulateGrad"),
            PassedFunction("f6", (predicted,), (w, None), "MulBackward0"),
            PassedFunction("f7", (w,), (), "AccumulateGrad"),
        )
        last = len(self.passes) == rounds - 1
        self.passes.append(
            BackwardPass(
                line=10,
                call="backward",
                roots=("t6",),
                accumulated_into=("t3", "t4"),
                functions=passed,
                stack=(StackFrame("<module>", 10),),
                step=len(self.steps),
                root_values=(loss,),
                seed=(one,),
                accumulated=(Changed("w", "t3", None, w), Changed("b", "t4", None, b)),
                alike=None if last else rounds - 1,
            )
        )
        return _number(w), _number(b)

    def train(
        self, kind: str, code: str, before: tuple[float, float], after: tuple[float, float] | None
    ) -> None:
        changed = tuple(
            Changed(name, id, value(before[nr]), value(after[nr]) if after else None)
            for nr, (name, id) in enumerate((("w", "t3"), ("b", "t4")))
        )
        last = self.steps[-1]
        self.training.append(TrainingEvent(kind, last.line, len(self.steps) - 1, code, changed))  # type: ignore[arg-type]

    def document(self, thinned: tuple[str, ...]) -> RunDocument:
        return RunDocument(
            stdout="".join(step.printed for step in self.steps),
            variables=self.variables(),
            graph=Graph(self.tensors(), self.functions()),
            backward=tuple(self.passes),
            steps=tuple(self.steps),
            cuts=(
                Cut(
                    "number", "loss.item()", span("loss.item()", 13),
                    (StackFrame("<module>", 13),), len(self.steps) - 1, "loss", "t6", "f1", None,
                    times=len(self.passes),
                ),
            ),
            in_place=(
                InPlaceChange(
                    "aten::add_.Tensor", "optimizer.step()", span("optimizer.step()", 11),
                    (StackFrame("<module>", 11),), len(self.steps) - 3, "w", "t3", None,
                    2, 3, ("f6",),
                ),
            ),
            training=tuple(self.training),
            recording=Recording(6 * len(self.passes), len(self.steps), thinned),
        )  # fmt: skip

    def variables(self) -> tuple[Variable, ...]:
        ids = {"x": "t1", "y": "t2", "w": "t3", "b": "t4", "y_pred": "t5", "loss": "t6"}
        names = ["torch", "x", "y", "w", "b", "optimizer", "i", "y_pred", "loss"]
        kinds = {"torch": "other", "optimizer": "optimizer", "i": "number"}
        return tuple(
            Variable(name, kinds.get(name, "tensor"), ids.get(name), name)  # type: ignore[arg-type]
            for name in names
        )

    def tensors(self) -> tuple[Tensor, ...]:
        made, numbers = self.made, count(7)
        named = (
            tensor("t1", "x", role="constant", holds=value(*X)),
            tensor("t2", "y", role="constant", holds=value(*Y)),
            tensor("t3", "w", holds=value(self.w)),
            tensor("t4", "b", holds=value(self.b)),
            tensor("t5", "y_pred", role="intermediate", grad_fn="f5", holds=made["f5"]),
            tensor("t6", "loss", role="intermediate", grad_fn="f1", holds=made["f1"]),
        )
        lines = {"t1": 2, "t2": 3, "t3": 4, "t4": 5, "t5": 8, "t6": 9}
        steps = len(self.steps)
        gone = tuple(
            replace(
                tensor(f"t{next(numbers)}", role="intermediate", grad_fn=id, holds=made[id]),
                alive=False,
                step=steps - (6 if id == "f6" else 5),
                line=8 if id == "f6" else 9,
            )
            for id in ("f6", "f2", "f3", "f4")
        )
        return (*(replace(each, line=lines[each.id]) for each in named), *gone)

    def functions(self) -> tuple[Function, ...]:
        steps = len(self.steps)
        made = tuple(
            Function(
                id=id,
                name=name,
                next_functions=tuple(None if to is None else NextFunction(to, 0) for to in after),
                inputs=OPERANDS[id],
                outputs=(OUTPUTS[id],),
                saved=SAVED.get(id, ()),
                op=op,
                line=line,
                stack=(StackFrame("<module>", line),),
                span=span(code, line),
                step=steps - (6 if line == 8 else 5),
            )
            for id, name, line, code, op, after in OPERATIONS
        )
        leaves = tuple(
            Function(id=id, name="AccumulateGrad", next_functions=(), variable=leaf)
            for id, leaf in (("f7", "t3"), ("f8", "t4"))
        )
        return (*made, *leaves)


def span(code: str, line: int) -> Span:
    """Where a piece of the program stands in its line."""
    start = LINES[line - 1].index(code)
    return Span(line, start, line, start + len(code))


def _moments(
    attribute: Literal["value", "grad"], w: TensorValue | None, b: TensorValue | None
) -> tuple[Moment, ...]:
    return (Moment("t3", attribute, w), Moment("t4", attribute, b))


def _number(held: TensorValue) -> float:
    assert held.data is not None
    number = held.data[0]
    assert isinstance(number, float)
    return number
