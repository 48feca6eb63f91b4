"""Formulas as text that is both shown and evaluated, so that what is shown is what was tested.

An expression is Python's syntax over the argument names of PyTorch and the functions of
`gradfn.explain.arrays.functions`: `grad * (1 - result ** 2)`. It can be evaluated over arrays,
printed as LaTeX with symbols, and printed with the numbers of a run in the place of the names.
"""

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from gradfn.explain.arrays.array import Array, array
from gradfn.explain.arrays.functions import FUNCTIONS
from gradfn.explain.arrays.notation import ATOM, POWER, PRODUCT, SIGN, SUM

NOTHING = r"\varnothing"
_ABSENT = {"min": r"-\infty", "max": r"\infty"}
_COMPARED = {ast.Lt: "<", ast.LtE: r"\le", ast.Gt: ">", ast.GtE: r"\ge", ast.Eq: "="}


@dataclass(frozen=True, slots=True)
class Expression:
    """One formula: its text, syntax tree and bytecode."""

    text: str
    tree: ast.expr
    code: CodeType
    names: frozenset[str]

    def evaluate(self, values: Mapping[str, Any]) -> Array:
        """Its value. KeyError, ValueError, ArithmeticError … where the values do not allow one."""
        return array(eval(self.code, _BUILT_IN, dict(values)))

    def latex(self, symbols: Mapping[str, str], *, matrices: bool = False) -> str:
        """As LaTeX, each name by its symbol. `matrices`: products of elements are marked so."""
        return _Printer(lambda name: (symbols.get(name, _roman(name)), ATOM), matrices).of(
            self.tree
        )

    def latex_with(self, values: Mapping[str, Any], symbols: Mapping[str, str]) -> str:
        """As LaTeX, with numbers in the place of the names that have a value."""

        def shown(name: str) -> tuple[str, int]:
            if name in values and isinstance(values[name], Array | int | float):
                return numbers_of(values[name])
            if name in values and values[name] is None:
                return _ABSENT.get(name, NOTHING), ATOM
            return symbols.get(name, _roman(name)), ATOM

        matrices = any(isinstance(each, Array) and each.size > 1 for each in values.values())
        return _Printer(shown, matrices).of(self.tree)


_BUILT_IN: dict[str, Any] = {"__builtins__": {}, "inf": math.inf, "pi": math.pi}
_BUILT_IN |= {name: function.evaluate for name, function in FUNCTIONS.items()}


@lru_cache(maxsize=2048)
def expression(text: str) -> Expression:
    """The expression that the text says; SyntaxError when it says none."""
    tree = ast.parse(text.strip(), mode="eval")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in _BUILT_IN
    }
    return Expression(text, tree.body, compile(tree, "<formula>", "eval"), frozenset(names))


def numbers_of(value: "Array | float") -> tuple[str, int]:
    """A number, or a matrix, as LaTeX, and how strongly it binds."""
    if not isinstance(value, Array) or value.size == 1:
        number = value.data[0] if isinstance(value, Array) else value
        text = numeral(number)
        # A power of what has a factor or a sign needs a bracket.
        return text, SIGN if text.startswith("-") else PRODUCT if "times" in text else ATOM
    return _matrix(value), ATOM


def matrix_latex(value: Array) -> str:
    """An array as LaTeX: a number, a row, a matrix, or matrices one after another."""
    return numbers_of(value)[0]


def _matrix(value: Array) -> str:
    if value.ndim > 2:
        size = math.prod(value.shape[-2:])
        parts = range(0, value.size, size) if size else ()
        matrices = [_matrix(Array(value.shape[-2:], value.data[at : at + size])) for at in parts]
        return r"\left[" + r",\;".join(matrices) + r"\right]"
    columns = value.shape[-1]
    rows = [value.data[at : at + columns] for at in range(0, value.size, columns or 1)]
    body = r" \\ ".join(" & ".join(map(numeral, row)) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def numeral(number: float) -> str:
    """A number to four significant digits, as LaTeX."""
    if isinstance(number, bool):
        return rf"\text{{{number}}}"
    if number != number:
        return r"\text{nan}"
    if math.isinf(number):
        return r"-\infty" if number < 0 else r"\infty"
    if float(number).is_integer() and abs(number) < 1e6:
        return str(int(number))
    digits, _, exponent = f"{number:.4g}".partition("e")
    return rf"{digits}\times 10^{{{int(exponent)}}}" if exponent else digits


def _roman(name: str) -> str:
    return r"\mathrm{" + name.replace("_", r"\_") + "}"


class _Printer:
    """A tree as LaTeX, with brackets where an operand binds less strongly than its operator."""

    def __init__(self, name: Callable[[str], tuple[str, int]], matrices: bool) -> None:
        self._name, self._times = name, r" \odot " if matrices else r" \cdot "

    def of(self, node: ast.expr, place: int = 0) -> str:
        text, strength = self._print(node)
        return rf"\left({text}\right)" if strength < place else text

    def _print(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Name(id="pi"):
                return r"\pi", ATOM
            case ast.Name(id="inf"):
                return r"\infty", ATOM
            case ast.Name(id=name):
                return self._name(name)
            case ast.Constant(value=value):
                return numeral(value) if isinstance(value, int | float) else NOTHING, ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return "-" + self.of(operand, PRODUCT), SIGN if _is_atom(operand) else SUM
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                inside = f"{self.of(left, SUM)} {_COMPARED[type(op)]} {self.of(right, SUM)}"
                return rf"\left[{inside}\right]", ATOM
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(left, op, right)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, args)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return ", ".join(map(self.of, parts)), ATOM
        raise SyntaxError(f"a formula has no {type(node).__name__}")

    def _binary(self, left: ast.expr, op: ast.operator, right: ast.expr) -> tuple[str, int]:
        match op:
            # What changes nothing is left out: + 0, · 1, to the power of 1.
            case ast.Add() if self.of(right) == "0":
                return self._print(left)
            case ast.Add():
                return f"{self.of(left, SUM)} + {self.of(right, PRODUCT)}", SUM
            case ast.Sub():
                return f"{self.of(left, SUM)} - {self.of(right, PRODUCT)}", SUM
            case ast.Mult() if self.of(left) == "1":
                return self._print(right)
            case ast.Mult() if self.of(right) == "1":
                return self._print(left)
            case ast.Mult():
                times = r" \cdot " if isinstance(left, ast.Constant) else self._times
                return f"{self.of(left, PRODUCT)}{times}{self.of(right, POWER)}", PRODUCT
            case ast.MatMult():
                return rf"{self.of(left, PRODUCT)}\, {self.of(right, POWER)}", PRODUCT
            case ast.Div():
                return rf"\frac{{{self.of(left)}}}{{{self.of(right)}}}", POWER
            case ast.Pow() if self.of(right) == "1":
                return self._print(left)
            case ast.Pow():
                return f"{self.of(left, ATOM)}^{{{self.of(right)}}}", POWER
        raise SyntaxError(f"a formula has no {type(op).__name__}")

    def _call(self, name: str, args: list[ast.expr]) -> tuple[str, int]:
        if name == "given":
            return self._print(args[1] if self.of(args[0]) == NOTHING else args[0])
        function = FUNCTIONS[name]
        text = function.latex
        if not isinstance(text, str):
            text = text(*(self.of(arg) for arg in args))
        for nr, arg in reversed(list(enumerate(args, start=1))):
            if f"@{nr}" in text:
                text = text.replace(f"@{nr}", self.of(arg, ATOM))
            if f"#{nr}" in text:
                text = text.replace(f"#{nr}", self.of(arg))
        return text, function.binds


def _is_atom(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Constant | ast.Call)
