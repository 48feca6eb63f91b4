"""What one kind of backward node means: its forward formula and its local derivatives."""

from collections.abc import Mapping
from dataclasses import dataclass

_SYMBOLS = {
    "self": "x", "input": "x", "other": "y", "result": "z", "grad": "v", "target": "t",
    "weight": "w", "bias": "b", "exponent": "p", "p": "p", "ord": "p", "alpha": r"\alpha",
    "beta": r"\beta", "eps": r"\varepsilon", "lambd": r"\lambda", "delta": r"\delta",
    "index": "i", "indices": "i", "mask": "m", "condition": "c", "value": "c", "end": "y",
    "negative_slope": "a", "tensor1": "y", "tensor2": "u", "threshold": "a", "min": "a",
    "max": "b", "min_val": "a", "max_val": "b", "scale": "s", "input_scale": "r", "dim": "d",
    "values": "y", "source": "y", "src": "y", "tensors": r"x_1, \dots, x_k", "noise": "r",
    "pos_weight": "q", "tensor": "y", "start": "a", "step": "s", "x1": "x", "x2": "y", "nr": "i",
    "maxnorm": "m", "k": "k", "margin": "m",
}  # fmt: skip
_MATRICES = {
    "self": "X", "input": "X", "other": "Y", "mat2": "Y", "mat1": "A", "mat": "A", "vec": "y",
    "vec1": "a", "vec2": "b", "tensor": "y", "batch1": "A", "batch2": "B", "A": "A", "B": "B",
    "query": "Q", "key": "K", "value": "W",
    "weight": "W", "result": "Z", "grad": "V", "L": "L",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slope:
    """The local derivative for one argument, as an expression.

    Elementwise: ∂z/∂x of every element by itself, the diagonal of J. Otherwise vᵀ·J, with `grad`
    for v. Either is summed over what broadcasting copied. `latex` says in mathematics what the
    expression only works out.
    """

    text: str
    elementwise: bool
    latex: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An entry of the table. `slopes` are in the order of `next_functions`.

    `forward` is one expression for each differentiable output. In an operation that takes or
    gives a list of tensors, `nr` counts them from 0.
    """

    name: str
    forward: tuple[str, ...]
    slopes: Mapping[str, Slope]
    symbols: Mapping[str, str]
    latex: str | None = None


def op(
    name: str,
    forward: str | tuple[str, ...],
    /,
    *,
    symbols: Mapping[str, str] | None = None,
    latex: str | None = None,
    matrices: bool = False,
    **slopes: str | Slope,
) -> Operation:
    """An entry; a derivative given as a plain text is elementwise."""
    return Operation(
        name=name + "0" if name.endswith("Backward") else name,
        forward=(forward,) if isinstance(forward, str) else forward,
        slopes={
            argument: Slope(slope, True) if isinstance(slope, str) else slope
            for argument, slope in slopes.items()
        },
        symbols=_SYMBOLS | (_MATRICES if matrices else {}) | dict(symbols or {}),
        latex=latex,
    )


def vjp(text: str, latex: str | None = None) -> Slope:
    """A derivative as vᵀ·J."""
    return Slope(text, False, latex)
