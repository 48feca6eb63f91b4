"""What was recorded, as it is published: field by field, by name, an index as what it stands for.

The types of both shapes say what is to be done to a field. They are read once, and make a function
that is as fast as one written by hand. So a new field is added to the record and to what is
published of it, and nowhere else. An index may be forged: one that leads nowhere is null, and
where null may not stand, the whole fact is left out.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from types import CodeType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

from gradfn.events.recorded import index_of
from gradfn.events.values import Part, Record

T = TypeVar("T")
Convert = Callable[[Any], Any]
# Of each kind of index (`index_of` in gradfn.events.recorded) what a number stands for.
Resolve = Mapping[str, Convert]


class Publisher:
    """Makes dataclasses of records, in one run document."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._alls: dict[tuple[type, type], Convert] = {}
        self._values: dict[tuple[type, type], Convert] = {}

    def all(self, kind: type[T], records: Sequence[Part | Record]) -> tuple[T, ...]:
        """Each record, all of one type, as the dataclass `kind`, whose fields the records have."""
        found: tuple[T, ...] = self._all(type(records[0]), kind)(records) if records else ()
        return found

    def fields(self, kind: type, record: Part | Record) -> dict[str, Any]:
        """The fields of `kind` that the record has, for a dataclass that has more than these."""
        plan, key = _plan(type(record), kind), (type(record), kind)
        if key not in self._values:
            self._values[key] = self._one(plan, lambda *values: values)
        return dict(zip(plan.names, self._values[key](record), strict=True))

    def _all(self, record: type, kind: type) -> Convert:
        if (record, kind) not in self._alls:
            plan = _plan(record, kind)
            one, needed = self._one(plan, kind), plan.needed

            def convert(records: Sequence[Part | Record]) -> tuple[Any, ...]:
                if not records:
                    return ()
                if not needed:
                    return tuple(map(one, records))
                made = map(one, records)
                return tuple([m for m in made if None not in [getattr(m, n) for n in needed]])

            self._alls[record, kind] = convert
        return self._alls[record, kind]

    def _one(self, plan: "_Plan", make: Callable[..., Any]) -> Convert:
        converts = {name: self._convert(*how) for name, how in plan.hows.items()}
        one: Convert = eval(plan.code, {"make": make, **converts})
        return one

    def _convert(self, how: str, of: Any) -> Convert:
        match how:
            case "index":
                return self._resolve[of]
            case "records":
                return self._all(*of)
            case "indices":
                resolve = self._resolve[of]
                return lambda each: tuple([id for id in map(resolve, each) if id is not None])
        return tuple


class _Plan(NamedTuple):
    """What is done to a record, for the fields that it shares with a dataclass, in their order."""

    names: list[str]
    hows: dict[str, tuple[str, Any]]  # what converts a field; those that stay the same have none
    needed: list[str]  # those that may not be null, and could be
    code: CodeType


@cache
def _plan(record: Any, kind: Any) -> _Plan:
    recorded = get_type_hints(record, include_extras=True)
    published = get_type_hints(kind, include_extras=True)
    names = [each.name for each in fields(kind) if each.name in recorded]
    hows, needed = {}, []
    for name in names:
        how, is_needed = _how(recorded[name], published[name])
        if how is not None:
            hows[name] = how
        if is_needed:
            needed.append(name)
    values = [f"{name}(each.{name})" if name in hows else f"each.{name}" for name in names]
    code = compile(f"lambda each: make({', '.join(values)})", kind.__name__, "eval")
    return _Plan(names, hows, needed, code)


def _how(recorded: Any, published: Any) -> tuple[tuple[str, Any] | None, bool]:
    recorded, _ = _without_null(recorded)
    published, may_be_null = _without_null(published)
    is_list = get_origin(published) is tuple
    if (of := index_of(recorded)) is not None:
        return ("index", of), not may_be_null and not is_list
    recorded = get_args(recorded)[0] if get_origin(recorded) is Annotated else recorded
    if get_origin(recorded) is not list or not is_list:
        return None, False
    each, kind = get_args(recorded)[0], get_args(published)[0]
    if isinstance(each, type) and issubclass(each, Part):
        return ("records", (each, kind)), False
    of = index_of(each)
    return ("tuple", None) if of is None else ("indices", of), False


def _without_null(hint: Any) -> tuple[Any, bool]:
    """The other type of `X | None`, and whether it is one."""
    if get_origin(hint) in (Union, types.UnionType):
        others = [each for each in get_args(hint) if each is not types.NoneType]
        if len(others) == 1:
            return others[0], True
    return hint, False
