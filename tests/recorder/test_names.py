"""A name is what one would type to get the tensor."""

import sys
import types
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from gradfn.recorder.read.names import MAX_NAMES, Named, module_level, name_tensors

keys = st.one_of(
    st.text(max_size=8),
    st.integers(-5, 5),
    st.booleans(),
    st.none(),
    st.tuples(st.text(max_size=3), st.integers(0, 3)),
)
tensors = st.builds(torch.ones, st.just(1))
things = st.recursive(
    st.one_of(tensors, st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(keys, inner, max_size=4),
        st.builds(lambda part: types.SimpleNamespace(part=part), inner),
    ),
    max_leaves=20,
)


def names_of(**namespace: Any) -> list[str]:
    return [name for named in name_tensors(namespace).values() for name in named.names]


def count_tensors(thing: Any) -> int:
    match thing:
        case torch.Tensor():
            return 1
        case list() | tuple():
            return sum(map(count_tensors, thing))
        case dict():
            return sum(map(count_tensors, thing.values()))
        case types.SimpleNamespace():
            return count_tensors(thing.part)
        case _:
            return 0


@given(things)
def test_every_name_leads_to_its_tensor_and_every_tensor_has_one(thing: Any) -> None:
    found = name_tensors({"thing": thing})

    assert len(found) == count_tensors(thing)
    for named in found.values():
        for name in named.names:
            assert eval(name, {"thing": thing}) is named.tensor


def test_the_nearest_name_comes_first() -> None:
    w = torch.ones(1)

    (named,) = name_tensors({"deep": {"in": [w]}, "near": [w], "w": w, "again": w}).values()

    assert named.names == ["w", "again", "near[0]", "deep['in'][0]"]


def test_tensors_come_in_order_of_first_binding() -> None:
    assert names_of(b=torch.ones(1), a=torch.ones(1), c=[torch.ones(1)]) == ["b", "a", "c[0]"]


def test_names_between_double_underscores_are_pythons_own() -> None:
    namespace = {"__builtins__": 1, "__mine": 2, "_": 3, 5: 4}

    assert module_level(namespace) == [("__mine", 2), ("_", 3)]  # type: ignore[arg-type]


def test_a_tensor_keeps_so_many_names() -> None:
    (named,) = name_tensors({"same": [torch.ones(1)] * 1_000}).values()

    assert len(named.names) == MAX_NAMES
    assert named.names[:2] == ["same[0]", "same[1]"]


def test_a_long_name_is_cut() -> None:
    named = Named(torch.ones(1))
    named.add("x" * 300)
    named.add("\ud800")

    assert named.names == ["x" * 200, "?"]


def test_parameters_are_found_where_modules_keep_them() -> None:
    net = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.ModuleDict({"a-b": torch.nn.PReLU()}))

    assert names_of(net=net) == ["net[0].weight", "net[0].bias", "net[1]['a-b'].weight"]


def test_the_deepest_parameter_of_a_transformer_is_named() -> None:
    model = torch.nn.Transformer(4, 2, 1, 1, 8, batch_first=True)
    found = name_tensors({"model": model})
    names = {name for named in found.values() for name in named.names}

    assert "model.encoder.layers[0].self_attn.out_proj.weight" in names
    assert set(found) == set(map(id, model.parameters()))


def test_a_cycle_ends() -> None:
    loop: list[Any] = [torch.ones(1)]
    loop += [loop, {"loop": loop}]

    assert names_of(loop=loop) == ["loop[0]"]


def of_program(body: str) -> Any:
    """What `thing` is after a program ran."""
    namespace: dict[str, Any] = {"__name__": "__main__", "torch": torch}
    exec(body, namespace)
    return namespace["thing"]


HOSTILE = {
    "a class that says it is a tensor": """
class Thing:
    __class__ = property(lambda self: torch.Tensor)
thing = Thing()
thing.w = torch.ones(1)
""",
    "attributes that cannot be asked for": """
class Thing:
    def __getattribute__(self, name): raise SystemExit
thing = Thing()
object.__setattr__(thing, "w", torch.ones(1))
""",
    "a dictionary that is a property": """
class Base: pass
class Thing(Base):
    __dict__ = property(lambda self: 1 / 0)
thing = Thing()
thing.w = torch.ones(1)
""",
    "a metaclass that cannot be asked": """
class Meta(type):
    __mro__ = __dict__ = property(lambda cls: 1 / 0)
    def __getattribute__(cls, name): raise SystemExit
    def __eq__(cls, other): raise SystemExit
    def __hash__(cls): raise SystemExit
class Thing(metaclass=Meta):
    def __init__(self): self.w = torch.ones(1)
thing = object.__new__(Thing)
thing.w = torch.ones(1)
""",
    "a slot": """
class Thing:
    __slots__ = ("w", "empty")
thing = Thing()
thing.w = torch.ones(1)
""",
    "a class attribute": """
class thing:
    w = torch.ones(1)
""",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_tensor_is_found_without_asking_the_object(body: str) -> None:
    assert names_of(thing=of_program(body)) == ["thing.w"]


@pytest.mark.parametrize("kind", [list, tuple, dict])
def test_containers_are_read_as_what_they_are(kind: type) -> None:
    lie: Callable[..., Any] = lambda *_: 1 / 0  # noqa: E731
    liar = type("Liar", (kind,), dict.fromkeys(("__iter__", "__len__", "items", "keys"), lie))
    thing = liar({0: torch.ones(1)} if kind is dict else [torch.ones(1)])

    assert names_of(thing=thing) == ["thing[0]"]


def test_the_size_of_what_is_looked_at_is_limited() -> None:
    w = torch.ones(1)
    wide = [[[w] for _ in range(1_000)] for _ in range(1_000)]

    assert names_of(wide=wide) == names_of(wide=wide)[:MAX_NAMES]
    assert sys.getrecursionlimit() < 10_000
