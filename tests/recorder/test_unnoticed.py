"""A program cannot tell whether it is recorded: all that it does is the same."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Serve, Served
from tests.recorder.recorded.programs import LEAVES, PROGRAMS

Json = Any
HERE = Path(__file__).parent
FILES = sorted(
    [*HERE.glob("programs/*.py"), *HERE.parents[1].glob("app/gradfn/examples/[0-9]*.py")]
)
RANDOM = "\nimport random, numpy\nprint(torch.rand(1), random.random(), numpy.random.rand())\n"

LIFETIMES = {
    "a temporary dies at once": """
import weakref
y = x * 2
weakref.finalize(y, print, "y is gone")
z = (y.exp() * 3).sum()
del y
print("after del")
""",
    "what a failed expression held is gone": """
import weakref, gc
def bad(t):
    weakref.finalize(t, print, "t is gone")
    raise ValueError
for i in range(3):
    try:
        (x * i) + bad(w * i)
    except ValueError:
        print("caught", i)
gc.collect()
print("end")
""",
    "an iteration's graph goes with it": """
import weakref
class Watched(torch.Tensor): pass
for i in range(3):
    t = (x * i).as_subclass(Watched)
    weakref.finalize(t, print, "gone", i)
    loss = (t * w).sum()
    loss.backward()
print(x.grad, w.grad)
""",
    "objects are counted the same": """
import gc
gc.collect()
before = sum(isinstance(each, torch.Tensor) for each in gc.get_objects())
for i in range(50):
    y = (x * i).exp().sum()
    kept = y.detach()
gc.collect()
print(sum(isinstance(each, torch.Tensor) for each in gc.get_objects()) - before)
""",
    "versions, sequence numbers and grads": """
y = (x * w).sum()
y.backward()
with torch.no_grad():
    x.add_(1)
print(x._version, w._version, x.grad, x.is_leaf, y.grad_fn, y.grad_fn._sequence_nr() >= 0)
print(torch.is_grad_enabled(), sorted(vars(torch.Tensor))[:3], w._backward_hooks)
""",
    "names, files and frames": """
import inspect, sys, traceback
def f(a):
    print([(frame.name, frame.lineno, frame.line) for frame in traceback.extract_stack()
           if frame.filename.endswith("program.py")])
    print(inspect.getsource(f).count("\\n"), f.__name__, inspect.signature(f))
    return a * 2
y = f(x) + \\
    f(w)
print(sorted(name for name in globals() if not name.startswith("__")), dir() == sorted(globals()))
""",
    "warnings, where they arise": """
import warnings
def old(a):
    warnings.warn("old is old", DeprecationWarning, stacklevel=2)
    return a
warnings.simplefilter("always")
y = old(x * 2) + old(
    w
)
y.grad
""",
    "errors, with what they point at": """
def f(a):
    return (a @ torch.ones(3)
            + 1)
try:
    f(x)
except RuntimeError:
    import traceback
    traceback.print_exc()
[f(v) for v in (x, w)]
""",
    "hooks and modules": """
net = torch.nn.Linear(2, 2)
net.register_forward_hook(lambda m, i, o: print("forward", type(m).__name__))
h = x.register_hook(lambda g: g * 2)
net(x).sum().backward()
print(x.grad, len(net._forward_hooks), torch.nn.modules.module._global_forward_hooks)
""",
    "a generator, closed early": """
def g():
    try:
        while True:
            yield x * 2
    finally:
        print("closed")
for y in g():
    break
del y
it = g(); next(it); it.close()
""",
}


@pytest.fixture(scope="module")
def server(serve: Serve) -> Iterator[Served]:
    """One whose limits of time no program meets here: where they strike is no program's doing."""
    with serve(GRADFN_WALL_SECONDS="50", GRADFN_CPU_SECONDS="50") as served:
        yield served


def both_ways(server: Served, code: str) -> tuple[Json, Json]:
    recorded, plain = (
        server.run(code, seed=0, record=record, steps=True) for record in ("full", "graph")
    )
    return unaddressed(told(recorded)), unaddressed(told(plain))


def unaddressed(told: Json) -> Json:
    """Without the addresses in default reprs: they differ from run to run."""
    return json.loads(re.sub(r"0x[0-9a-f]{6,16}", "0x", json.dumps(told)))


def told(document: Json) -> Json:
    """Of a document, all that is the program's doing: what we say of its error is not."""
    graph = document["graph"]
    alive = [each for each in graph["tensors"] if each["alive"]]
    return {
        **{
            name: document[name]
            for name in ("status", "stdout", "stderr", "result", "variables", "figures")
        },
        "error": document["error"] and {**document["error"], "explanation": None},
        "tensors": [{**each, "line": None, "step": None, "changed_since": None} for each in alive],
        "functions": [(each["name"], each["next_functions"]) for each in graph["functions"]],
        "diagnostics": [each for each in document["diagnostics"] if each["id"] == "warning"],
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_program_does_the_same_recorded_or_not(file: Path, server: Served) -> None:
    recorded, plain = both_ways(server, file.read_text())
    assert recorded == plain


@pytest.mark.parametrize("name", [*PROGRAMS, *LIFETIMES])
def test_every_construct_does_the_same_recorded_or_not(name: str, server: Served) -> None:
    recorded, plain = both_ways(server, LEAVES + {**PROGRAMS, **LIFETIMES}[name] + RANDOM)
    assert recorded == plain


ATOMS = st.sampled_from(["x", "w", "v[0]", "v[1]", "x.detach()", "2", "1.5", "x[0]"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda p: f"({' '.join(p)})"),
        inner.map(lambda e: f"torch.as_tensor({e}).exp()"),
        inner.map(lambda e: f"f({e})"),
        inner.map(lambda e: f"(lambda a: a * 2)({e})"),
        inner.map(lambda e: f"sum([{e} for _ in range(2)])"),
        inner.map(lambda e: f"({e} if flag else -({e}))"),
    ),
    max_leaves=6,
)
STATEMENTS = st.one_of(
    EXPRESSIONS.map(lambda e: f"v[0] = {e}"),
    EXPRESSIONS.map(lambda e: f"v[1], flag = {e}, not flag"),
    EXPRESSIONS.map(lambda e: f"print({e})"),
    EXPRESSIONS.map(lambda e: f"for k in range(3): v[0] = v[0] * k + {e}"),
    EXPRESSIONS.map(lambda e: f"with torch.no_grad(): v[1] = {e}"),
    EXPRESSIONS.map(lambda e: f"torch.as_tensor({e} + x * 0).sum().backward()"),
    st.just("x.grad = None"),
    st.just("x.data.mul_(0.5)"),
    st.just("y = x * 1; y += w; y[0] = 3; v[0] = y"),
    st.just("print(torch.rand(1))"),
    st.just("raise ValueError(v)"),
)
START = f"""{LEAVES}
v, flag = [x * 1, w * 1], True
def f(a):
    b = a * 3
    return b + 1
"""


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(STATEMENTS, min_size=2, max_size=8))
def test_a_program_made_up_does_the_same_recorded_or_not(
    server: Served, statements: list[str]
) -> None:
    recorded, plain = both_ways(server, START + "\n".join(statements) + RANDOM)
    assert recorded == plain
