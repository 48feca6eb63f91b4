"""The length of a program's own dataset, read from the text of its `__len__`; nothing is called.

`return len(self.x)`, `return self.n`, `return self.x.shape[0] - 1`: what most of them say.
"""

import ast
import inspect
import operator
import textwrap
from collections.abc import Callable
from typing import Any

import torch

_SIZED = (list, tuple, dict, set, str, range)
_OPERATORS: dict[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def length_of(dataset: Any) -> int | None:
    """What `len(dataset)` would give; None where that is not plain to see."""
    method = type.__dict__["__mro__"].__get__(type(dataset))
    found = next((vars(kind)["__len__"] for kind in method if "__len__" in vars(kind)), None)
    if not inspect.isfunction(found):
        return None
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(found)))
        match tree.body:
            case [ast.FunctionDef(args=ast.arguments(args=[ast.arg(arg=me)]), body=body)]:
                body = body[1:] if _is_text(body[0]) else body
            case _:
                return None
        match body:
            case [ast.Return(value=ast.expr() as value)]:
                number = _value(value, me, dataset)
                return number if type(number) is int and number >= 0 else None
    except (OSError, SyntaxError, TypeError, ValueError, LookupError, ArithmeticError):
        pass
    return None


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _value(node: ast.expr, me: str, dataset: Any) -> Any:
    """The value of an expression over plain attributes; LookupError for any other."""
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == me:
            return object.__getattribute__(dataset, "__dict__")[attribute]
        case ast.Call(func=ast.Name(id="len"), args=[given], keywords=[]):
            return _length(_value(given, me, dataset))
        case (
            ast.Subscript(
                value=ast.Attribute(value=given, attr="shape"), slice=ast.Constant(value=0)
            )
            | ast.Call(
                func=ast.Attribute(value=given, attr="size"),
                args=[ast.Constant(value=0)],
                keywords=[],
            )
        ):
            return _length(_value(given, me, dataset))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            a, b = _value(left, me, dataset), _value(right, me, dataset)
            if type(a) is int and type(b) is int:
                return _OPERATORS[type(op)](a, b)
    raise LookupError


def _length(value: Any) -> int:
    if type(value) is torch.Tensor and value.dim():
        return int(value.shape[0])
    if type(value) in _SIZED:
        return len(value)
    raise LookupError
