"""Expressions that a reader evaluates while a run is paused, or after its end."""

import sys
from types import FrameType
from typing import Any

import torch

from gradfn.child.program.deadline import brief_deadline
from gradfn.events.commands import Ask
from gradfn.events.kinds import Answered
from gradfn.events.live import Failed
from gradfn.recorder.read.graph import walk_functions
from gradfn.recorder.read.names import Named
from gradfn.recorder.read.tensors import Found, reached, read_tensors
from gradfn.recorder.read.text import RESULT_CHARACTERS, clean, safe_str, type_name
from gradfn.recorder.torch_internals import is_tensor, without_user_hooks
from gradfn.recorder.watch.muted import muted

ANSWER_SECONDS = 2.0
MAX_FUNCTIONS, MAX_VALUES = 500, 256


def answer(ask: Ask, names: dict[str, Any], frame: FrameType | None) -> Answered:
    """The expression's value in the module's namespace, and in the function that is paused."""
    inner = frame.f_locals if frame is not None else names
    limit = sys.getrecursionlimit()
    try:
        with muted(), brief_deadline(ANSWER_SECONDS):
            value, text = run_expression(ask.expression, names, inner)
        text = clean(text, RESULT_CHARACTERS)
    except BaseException as error:
        return Answered(ask.number, None, _failed(error), None, None)
    finally:
        sys.setrecursionlimit(limit)
    answered = Answered(ask.number, text, None, None, None)
    try:
        return _with_graph(answered, value)
    except Exception:  # it is no tensor that can be walked
        return answered


def run_expression(expression: str, names: dict[str, Any], inner: Any) -> tuple[Any, str]:
    """Its value, and its repr or "" for None. `deadline` knows this function by name."""
    value = eval(compile(expression.strip(), "<console>", "eval", dont_inherit=True), names, inner)
    return value, "" if value is None else repr(value)


def _failed(error: BaseException) -> Failed:
    name = type_name(error)
    if name == "TimeIsUp":
        return Failed("TimeoutError", f"It took more than {ANSWER_SECONDS:g} seconds.")
    if isinstance(error, SyntaxError):
        return Failed(name, safe_str(error.msg, RESULT_CHARACTERS))
    return Failed(name, safe_str(error, RESULT_CHARACTERS))


def _with_graph(answered: Answered, value: Any) -> Answered:
    if is_tensor(value):
        found = Found({id(value): Named(value, ["_"])}, [])
        roots = found.roots(None)
    else:
        is_node = issubclass(type(value), torch.autograd.graph.Node)
        found, roots = Found({}, []), [value] if is_node else []
    if not roots:
        return answered
    with without_user_hooks():
        walk = walk_functions(roots, MAX_FUNCTIONS)
    found = reached(found, walk, None)
    read = read_tensors(found, walk, MAX_VALUES)
    return Answered(answered.number, answered.repr, None, walk.walked, read)
