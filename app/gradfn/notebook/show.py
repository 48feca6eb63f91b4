"""`show(loss)`: the graph behind tensors that are there, by the names that the caller uses."""

import sys
from collections.abc import Iterator, Sequence

import torch

from gradfn.events.kinds import Event
from gradfn.model.fold import document_of
from gradfn.notebook.names import names_of_caller
from gradfn.notebook.output import Output
from gradfn.recorder import torch_internals
from gradfn.recorder.read.graph import Walk, walk_functions
from gradfn.recorder.read.names import Named, name_tensors
from gradfn.recorder.read.release import release
from gradfn.recorder.read.tensors import Found, reached, read_tensors
from gradfn.recorder.torch_internals import (
    ACCUMULATE_GRAD,
    history_of,
    is_a,
    is_tensor,
    without_user_hooks,
)
from gradfn.recorder.watch.saved import has_freed
from gradfn.render.html.page import Note

MAX_FREED_ASKED = 2_000  # functions asked whether a backward pass has freed what they kept


def show(
    *things: torch.Tensor | torch.nn.Module, max_values: int = 256, max_functions: int = 100_000
) -> Output:
    """The graph behind tensors, and the parameters of modules, with values as they are now.

    `things`: tensors of any shape, dtype and device, and modules, whose parameters are shown with
    their gradients. Names are those that the caller's code can use: `loss`, `net.weight`.
    `max_values`: a tensor of more elements is summarised. `max_functions`: a graph of more is cut.

    Shown by itself when it is the last expression of a cell. It is a copy: it keeps no tensor
    alive, and what it looked at is as it was. TypeError for what is neither tensor nor module.

    Where there is no graph, the output says why.
    """
    given: tuple[object, ...] = things
    for position, thing in enumerate(given, 1):
        if not is_tensor(thing) and not is_a(thing, torch.nn.Module):
            kind = type(thing).__name__
            hint = "; pass what is in it: show(*outputs)" if isinstance(thing, list | tuple) else ""
            raise TypeError(
                f"show() takes tensors and modules; number {position} is of type {kind}{hint}"
            )
    if not things:
        raise TypeError("show() needs a tensor, such as show(loss)")
    named = name_tensors(names_of_caller(sys._getframe(1)))
    asked = {id(each): each for each in things if is_tensor(each)}
    for module in things:
        if not is_tensor(module):
            own = name_tensors({type(module).__name__: module})  # for a caller who has no name
            named = {**own, **named}
            asked |= {key: each.tensor for key, each in own.items()}
    return _read(asked, named, things, max_values, max_functions)


def _read(
    asked: dict[int, torch.Tensor],
    named: dict[int, Named],
    things: Sequence[object],
    max_values: int,
    max_functions: int,
) -> Output:
    with without_user_hooks():
        roots = [node for each in asked.values() if (node := history_of(each)[0]) is not None]
    walk = walk_functions(roots, max_functions)
    found = reached(Found(named, []), walk, [])
    for key, tensor in asked.items():
        found.named.setdefault(key, named.get(key) or Named(tensor))
    events: list[Event] = [walk.walked, read_tensors(found, walk, max_values)]
    notes = list(_notes(things, walk))
    release(walk, [each.tensor for each in found.named.values()])
    document = document_of(events)
    about: dict[str, list[str]] = {}
    for each in document.graph.tensors:
        if each.note:
            about.setdefault(each.note, []).append(", ".join(each.names[:3]) or "(unnamed)")
    notes += [Note("info", f"About {', '.join(who[:5])}", text) for text, who in about.items()]
    if document.graph.truncated:
        cut = f"Only the {max_functions:,} functions nearest to it are shown."
        notes.append(Note("warning", "The graph is larger than what is shown", cut))
    return Output(document, tuple(notes))


def _notes(things: Sequence[object], walk: Walk) -> Iterator[Note]:
    """Why there is no graph, or what is not as it was in it."""
    with without_user_hooks():
        for thing in things:
            if not is_tensor(thing):
                yield Note("info", *_MODULE)
            elif (why := _why_no_graph(thing)) is not None:
                yield Note("info", *why)
        asked = walk.functions[:MAX_FREED_ASKED]
        if any(has_freed(each) for each in asked if type(each) is not ACCUMULATE_GRAD):
            yield Note("info", *_FREED)


def _why_no_graph(tensor: torch.Tensor) -> tuple[str, str] | None:
    """A title and a text, None where there is a graph. Call it inside `without_user_hooks()`."""
    node, broken = history_of(tensor)
    if broken is not None:
        return "PyTorch cannot give the graph of this tensor", broken
    if node is not None:
        return None
    if torch_internals.requires_grad(tensor):
        return _LEAF
    return _INFERENCE if torch_internals.is_inference(tensor) else _CONSTANT


_MODULE = (
    "A module has no graph of its own",
    "Its parameters are shown with their gradients. Call it, and show what it returns.",
)
_LEAF = (
    "A leaf has no graph behind it",
    "No operation made it, so its grad_fn is None. Show what was computed from it.",
)
_CONSTANT = (
    "This tensor has no graph: it does not require grad",
    "It was made from tensors none of which requires grad, inside torch.no_grad(), or by detach().",
)
_INFERENCE = (
    "This tensor has no graph: it is an inference tensor",
    "It was made inside torch.inference_mode(), which records nothing.",
)
_FREED = (
    "A backward pass has freed what this graph kept",
    "Its functions are all there, but a second backward pass over it raises an error. "
    "retain_graph=True in the first one keeps what is needed.",
)
