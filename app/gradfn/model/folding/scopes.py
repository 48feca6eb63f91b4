"""Where an operation was made: modules and functions of the program, one inside the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gradfn.model.folding.columns import Scope

MAX_DEPTH = 24  # deeper scopes are not told apart
FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Key:
    """One scope. `frame` is the place in the stack of the frame that runs in it.

    `line` is where a function was called: calls from two lines are two scopes.
    """

    kind: Literal["module", "function"]
    name: str
    frame: int
    line: int = 0


def paths_of(scopes: Sequence[Scope]) -> list[tuple[Key, ...]]:
    """The scopes around each place, the outermost first.

    A frame called `forward` is that of a module with a class of the program's own. Which of the
    modules on a path have one is seen from how many such frames are in all stacks below it; so a
    function that a `forward` calls lies inside that module, and around those that it calls.
    """
    forwards: dict[tuple[str, ...], int] = {}
    for module, stack in scopes:
        count = sum(name == FORWARD for name, _ in stack[1:])
        parts = _parts(module)
        for depth in range(1, len(parts) + 1):
            prefix = parts[:depth]
            forwards[prefix] = min(forwards.get(prefix, count), count)
    return [_path(_parts(module), stack, forwards) for module, stack in scopes]


def _parts(module: str) -> tuple[str, ...]:
    """The names on a module's path; what is deeper than a path may be stays in the last."""
    return tuple(module.split(".", MAX_DEPTH - 1)) if module else ()


def _path(
    parts: tuple[str, ...],
    stack: tuple[tuple[str, int], ...],
    forwards: dict[tuple[str, ...], int],
) -> tuple[Key, ...]:
    keys: list[Key] = []
    frame = 0
    for depth, name in enumerate(("", *parts)):
        if depth:
            below = forwards[parts[:depth]]
            while frame + 1 < len(stack) and _passed(stack, frame) < below:
                frame += 1
            keys.append(Key("module", name, frame))
        while frame + 1 < len(stack) and (stack[frame + 1][0] != FORWARD or depth == len(parts)):
            frame += 1
            if stack[frame][0] != FORWARD:
                keys.append(Key("function", stack[frame][0], frame, stack[frame - 1][1]))
    return tuple(keys[:MAX_DEPTH])


def _passed(stack: tuple[tuple[str, int], ...], frame: int) -> int:
    """How many of the frames up to this one are modules'."""
    return sum(name == FORWARD for name, _ in stack[1 : frame + 1])
