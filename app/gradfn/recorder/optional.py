"""Names that a release of torch may not have: looked up once, with what stands in for them."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from inspect import getattr_static
from typing import Any


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that this torch does not have, and what gradfn cannot do without it."""

    name: str
    cost: str

    def __str__(self) -> str:
        return f"this torch has no {self.name}: {self.cost}"


MISSING: list[Missing] = []
_ABSENT = object()


def find(owner: Any, path: str) -> Any:
    """The attribute of an attribute; AttributeError where there is none."""
    return reduce(getattr, path.split("."), owner)


def optional(owner: Any, path: str, otherwise: Any, cost: str) -> Any:
    """What has this name, or what stands in for it; then a warning says so, once a process."""
    try:
        return find(owner, path)
    except AttributeError:
        missing = Missing(f"{owner.__name__}.{path}", cost)
        MISSING.append(missing)
        warnings.warn(str(missing), RuntimeWarning, stacklevel=3)
        return otherwise


def all_or_none(owner: Any, paths: tuple[str, ...], cost: str) -> bool:
    """Whether all these names are there, which are of use together only."""
    return all(optional(owner, path, _ABSENT, cost) is not _ABSENT for path in paths)


def getter(kind: Any, name: str) -> Callable[[Any], Any]:
    """What reads an attribute of an object past what a subclass or the object says of it."""
    get: Callable[[Any], Any] = getattr_static(kind, name).__get__
    return get
