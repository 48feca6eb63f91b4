"""Which `nn.Module` was being called when a node was made."""

import ast
import builtins
import inspect
import textwrap
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import torch

from gradfn.recorder.instrument.expressions import probe_name
from gradfn.recorder.torch_internals import CALL_MODULE, MODULES, is_a, next_sequence_nr

MAX_CALLS = 500_000
MAX_PATHS = 20_000


class ModuleCalls:
    """The calls of modules, as places in PyTorch's numbering of nodes.

    `on_result` gets what each call returns: the inside of a network that the program never sees.
    """

    def __init__(self, on_result: Callable[[Any], None]) -> None:
        self._on_result = on_result
        self._seqs, self._innermost = array("q"), array("i")
        self._modules: list[Any] = []  # weak
        self._numbers: dict[int, int] = {}
        self._open: list[int] = []

    def begin(self, module: torch.nn.Module) -> int:
        """A module is called; how many calls were open before."""
        number = self._numbers.get(id(module))
        if number is None or self._modules[number]() is not module:
            number = self._numbers[id(module)] = len(self._modules)
            self._modules.append(weakref.ref(module))
        self._open.append(number)
        self._note(number)
        return len(self._open) - 1

    def end(self, depth: int, result: Any) -> Any:
        """The call is over; of one that failed, a call around it or `clear` takes care."""
        del self._open[depth:]
        self._note(self._open[-1] if self._open else -1)
        self._on_result(result)
        return result

    def clear(self) -> None:
        """No call is open: the module level runs."""
        if self._open:
            self._open.clear()
            self._note(-1)

    def _note(self, number: int) -> None:
        if len(self._seqs) < MAX_CALLS:
            self._seqs.append(next_sequence_nr())
            self._innermost.append(number)

    def module_of(self, seq: int) -> Any:
        """The innermost module in whose call the node was made, None for none."""
        position = bisect_right(self._seqs, seq) - 1
        number = self._innermost[position] if position >= 0 else -1
        return self._modules[number]() if number >= 0 else None


@contextmanager
def watched_modules(calls: ModuleCalls) -> Iterator[None]:
    """Meanwhile every call of a module is noted.

    A hook, global or not, would send each call through other lines of torch, and a traceback
    would show it. So `Module._call_impl` gets the same code, with probes where it calls `forward`.
    """
    if _PROBED is None:
        yield
        return
    probes = {probe_name("module"): calls.begin, probe_name("forward"): calls.end}
    before = {name: getattr(builtins, name, None) for name in probes}
    plain = CALL_MODULE.__code__
    vars(builtins).update(probes)
    CALL_MODULE.__code__ = _PROBED
    try:
        yield
    finally:
        CALL_MODULE.__code__ = plain
        for name, value in before.items():
            if value is None:
                delattr(builtins, name)
            else:
                setattr(builtins, name, value)


class _Forward(ast.NodeTransformer):
    """`forward_call(...)` as `end(begin(self), forward_call(...))`, where it stands."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not (isinstance(node.func, ast.Name) and node.func.id == "forward_call"):
            return self.generic_visit(node)
        begin = ast.Call(_name("module"), [ast.Name("self", ast.Load())], [])
        call = ast.Call(_name("forward"), [begin, node], [])
        for new in (begin, *begin.args, begin.func, call.func):
            ast.copy_location(new, node)
        return ast.copy_location(call, node)


def _name(probe: str) -> ast.Name:
    return ast.Name(probe_name(probe), ast.Load())


def _probed_code() -> CodeType:
    """The code of `Module._call_impl`, with probes."""
    lines, first = inspect.getsourcelines(CALL_MODULE)
    tree = ast.increment_lineno(ast.parse(textwrap.dedent("".join(lines))), first - 1)
    _shift(tree, len(lines[0]) - len(lines[0].lstrip()))
    code = compile(_Forward().visit(tree), CALL_MODULE.__code__.co_filename, "exec")
    return next(each for each in code.co_consts if isinstance(each, CodeType))


def _shift(tree: ast.AST, columns: int) -> None:
    for node in ast.walk(tree):
        if hasattr(node, "col_offset"):
            node.col_offset += columns
            node.end_col_offset += columns  # type: ignore[attr-defined]


_PROBED = _probed_code() if CALL_MODULE is not None else None


def module_paths(names: dict[str, Any]) -> dict[int, str]:
    """How the program reaches its modules: by id, `net`, `net.features.0`; the first name wins."""
    paths: dict[int, str] = {}
    for name, thing in list(names.items()):
        if not is_a(thing, torch.nn.Module) or type(name) is not str:
            continue
        pending = [(name, thing)]
        while pending and len(paths) < MAX_PATHS:
            path, module = pending.pop()
            if id(module) in paths:
                continue
            paths[id(module)] = path
            parts = object.__getattribute__(module, "__dict__").get(MODULES) or {}
            pending += [
                (f"{path}.{key}", part)
                for key, part in reversed(list(dict.items(parts)))
                if is_a(part, torch.nn.Module) and type(key) is str
            ]
    return paths
