"""Which names a part of a notebook or of a function uses, and what is older than it."""

import ast
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import replace
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Any

from gradfn.model.document import RunDocument
from gradfn.recorder.instrument.compile import COMPILE_ERRORS


def names_of_caller(frame: FrameType) -> dict[str, Any]:
    """What the caller's code can name, its own names before those of its module.

    Names that begin with an underscore, and a notebook's `In` and `Out`, are left out.
    """
    names = frame.f_locals
    own = dict(names)
    optimized = frame.f_code.co_flags & CO_OPTIMIZED
    if optimized and sys.version_info < (3, 13) and sys.getrefcount(names) <= _OWN_REFERENCES:
        names.clear()  # the frame keeps this copy, and would keep its tensors alive
    found = {**frame.f_globals, **own} if optimized else {**own}
    if "get_ipython" in found:
        found.pop("In", None)
        found.pop("Out", None)
    return {name: each for name, each in found.items() if not name.startswith("_")}


def _references_of_a_copy() -> int:
    """How many references there are to the copy of a frame's names that only the frame keeps."""
    names = sys._getframe().f_locals
    return sys.getrefcount(names)


_OWN_REFERENCES = _references_of_a_copy()


def hidden_names(names: dict[str, Any], before: Iterable[str], source: str) -> frozenset[str]:
    """Names that were bound `before`, and that neither the source nor a function it calls uses.

    Their tensors are of other parts.
    """
    return frozenset(before) - set(_mentioned(names, source))


def _mentioned(names: dict[str, Any], source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except COMPILE_ERRORS:
        return
    waiting = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    met: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in met or name not in names:
            continue
        met.add(name)
        if not name.startswith("_"):
            yield name
        thing = names[name]
        if type(thing) is types.FunctionType and thing.__globals__ is names:
            waiting += _names_in(thing.__code__)


def _names_in(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from _names_in(part)


def without_lines_before(document: RunDocument, first: int) -> RunDocument:
    """The document, its functions of a smaller sequence number without a place in the source."""

    def earlier(number: int | None) -> bool:
        return number is not None and number < first

    functions = tuple(
        replace(each, line=None, span=None, stack=(), step=None, module="")
        if earlier(each.sequence_nr)
        else each
        for each in document.graph.functions
    )
    return replace(document, graph=replace(document.graph, functions=functions))
