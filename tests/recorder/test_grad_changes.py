"""Every change of `.grad`, and every step of an optimizer, is told as plain PyTorch has it."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gradfn.events.source import lines_of
from gradfn.explain.document import explained
from gradfn.model.document import RunDocument
from gradfn.model.fold import document_of
from gradfn.recorder.in_process import record

HEAD = """import torch
w = torch.tensor([1.0, 2.0], requires_grad=True)
b = torch.tensor([0.5, -1.0], requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.01)
def clear(*tensors):
    for each in tensors:
        each.grad = None
"""
PASS = "loss = ((w * 3 + b) ** 2).sum()\nloss.backward()"
WAYS = [
    "w.grad = None",
    "w.grad = b.grad = None",
    "w.grad, b.grad = None, None",
    "w.grad, (b.grad, other) = torch.ones(2), (None, 1)",
    "del w.grad",
    "del w.grad, b.grad",
    'setattr(w, "grad", None)',
    'setattr(b, "grad", torch.ones(2))',
    'delattr(w, "grad")',
    "w.grad.zero_()",
    "w.grad.data.zero_()",
    "w.grad.detach().zero_()",
    "w.grad.numpy()[:] = 0",
    "w.grad *= 0.5",
    "w.grad[0] = 7.0",
    "w.grad = w.grad.clone() * 2",
    "torch._foreach_zero_([w.grad, b.grad])",
    "torch._foreach_mul_([w.grad, b.grad], 0.5)",
    "kept = w.grad; kept.add_(1)",
    "clear(w, b)",
    "[each.grad.zero_() for each in (w, b)]",
    "torch.nn.utils.clip_grad_norm_([w, b], 0.1)",
    "torch.nn.utils.clip_grad_value_([w, b], 0.1)",
    "optimizer.zero_grad()",
    "optimizer.zero_grad(set_to_none=False)",
    "optimizer.step()",
    "pass",
]
GRADS = "seen.append([None if t.grad is None else t.grad.tolist() for t in (w, b)])"


@pytest.fixture(scope="module", autouse=True)
def _small_heap() -> Iterator[None]:
    """The recorder walks the heap, of which the tests' own part is by far the largest."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def told(code: str) -> RunDocument:
    return explained(document_of(record(code, {}), steps=True), code)


def plain(code: str) -> Any:
    """What `.grad` of w and b is after each line of the program that is not indented."""
    seen: list[Any] = []
    torch.manual_seed(0)
    lines = [f"{each}\n{GRADS}" for each in lines_of(code)]
    exec("\n".join([HEAD, *lines]), {"seen": seen})
    return seen


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(WAYS), min_size=1, max_size=4))
def test_a_pass_begins_and_ends_with_the_gradients_of_plain_pytorch(ways: list[str]) -> None:
    lines = PASS + "".join(
        f"\nif w.grad is not None and b.grad is not None: {way}\n{PASS}" for way in ways
    )
    seen = plain(lines)

    passes = told(HEAD + lines).backward

    at = [nr for nr, line in enumerate(lines_of(lines)) if line == "loss.backward()"]
    assert len(passes) == len(at)
    for nr, one in zip(at, passes, strict=True):
        found = {each.name: each for each in one.accumulated}
        for position, name in enumerate("wb"):
            before = found[name].before
            assert (before and before.data) == rounded(seen[nr - 1][position])
            after = found[name].after
            assert after is not None
            assert after.data == rounded(seen[nr][position])


def rounded(grad: Any) -> Any:
    """Plain PyTorch's own float32 numbers, as they are."""
    return None if grad is None else pytest.approx(grad)


EVENTS = [way for way in WAYS if "detach()" not in way and "numpy" not in way and "clip" not in way]


@pytest.mark.parametrize(
    "way", [each for each in EVENTS if each not in ("pass", "optimizer.step()")]
)
def test_a_change_of_a_gradient_is_an_event_with_what_it_became(way: str) -> None:
    seen = plain(f"{PASS}\n{way}")

    events = told(f"{HEAD}{PASS}\n{way}").training

    became: dict[str, Any] = {}
    for event in events:
        for each in event.changed:
            became[each.name] = each.after and each.after.data
    before, after = seen[-2], seen[-1]
    changed = {n for n, old, new in zip("wb", before, after, strict=True) if old != new}
    assert changed <= set(became)
    for name, grad in became.items():
        assert grad == rounded(after["wb".index(name)])


LBFGS = """import torch
torch.manual_seed(0)
net = torch.nn.Linear(2, 1)
x, y = torch.randn(4, 2), torch.randn(4, 1)
optimizer = torch.optim.LBFGS(net.parameters(), lr=0.5, max_iter={turns})
def closure():
    optimizer.zero_grad()
    loss = ((net(x) - y) ** 2).mean()
    loss.backward()
    return loss
for _ in range({steps}):
    optimizer.step(closure)
"""


@pytest.mark.parametrize("turns", [1, 3, 20])
def test_a_step_with_a_closure_is_told_from_its_beginning_to_its_end(turns: int) -> None:
    code = LBFGS.format(turns=turns, steps=2)
    seen: list[Any] = []
    values = "seen.append([p.tolist() for p in net.parameters()])"
    first = code.replace("for _ in", f"{values}\nfor _ in")
    exec(f"{first}    {values}", {"seen": seen})

    document = told(code)

    steps = [each for each in document.training if each.kind == "optimizer_step"]
    assert len(steps) == 2
    for nr, step in enumerate(steps):
        for position, each in enumerate(step.changed):
            assert each.before is not None
            assert each.after is not None
            assert each.before.data == flat(seen[nr][position])
            assert each.after.data == flat(seen[nr + 1][position])
    assert document.by_hand
    assert all(each.agrees for each in document.by_hand)


def flat(values: Any) -> list[float]:
    return torch.tensor(values).flatten().tolist()


SAME = {
    "tensors are swapped": """
a, c = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0], requires_grad=True)
(a * 2).sum().backward()
torch.utils.swap_tensors(a, c)
(a * 3).sum().backward()
result = [a.tolist(), c.tolist(), a.grad.tolist(), c.grad.tolist()]
""",
    "a module is converted by swapping": """
torch.__future__.set_swap_module_params_on_conversion(True)
net = torch.nn.Linear(2, 1)
net(torch.ones(1, 2)).sum().backward()
net.zero_grad()
net.double()
net(torch.ones(1, 2).double()).sum().backward()
torch.__future__.set_swap_module_params_on_conversion(False)
result = [net.weight.grad.tolist(), str(net.weight.dtype)]
""",
    "hooks are numbered": """
y = w * 2
y.sum().backward()
first = w.register_hook(lambda grad: grad).id
(w * 2).sum().backward()
result = w.register_hook(lambda grad: grad).id - first
""",
    "a weak reference of the program's own forbids to swap": """
import weakref
own = weakref.ref(w)
try:
    torch.utils.swap_tensors(w, b)
    result = "swapped"
except RuntimeError as error:
    result = str(error)
""",
}


@pytest.mark.parametrize("name", SAME)
def test_a_recorded_program_has_the_result_that_it_has_by_itself(name: str) -> None:
    own: dict[str, Any] = {}
    exec(HEAD + SAME[name], own)

    names: dict[str, Any] = {}
    record(HEAD + SAME[name], names)

    assert names["result"] == own["result"]


AGREES = {
    "several roots": "torch.autograd.backward([(w * 2).sum(), (w * 3 + b).sum()])",
    "parameters unpacked from a list": """
params = [w, b]
for _ in range(3):
    u, v = params
    optimizer.zero_grad()
    (u * u + v).sum().backward()
    optimizer.step()""",
    "a tensor unpacked into its elements": """
for _ in range(3):
    u, v = w
    optimizer.zero_grad()
    loss = (2 * u * u - 3 + v) ** 2
    loss.backward()
    optimizer.step()""",
    "slices of a tensor that a step changes": """
for _ in range(3):
    u, v = w[:1], w[1:]
    loss = (u * u * v).exp().sum()
    loss.backward()
    w.data -= 0.001 * w.grad
    w.grad = None""",
    "a list that grows between two cats": """
parts = [w]
for _ in range(3):
    parts.append(torch.cat(parts) * 2)
loss = torch.cat(parts).sum()
loss.backward()""",
    "terms that cancel": "loss = (w * 1e4 - w * 1e4 + w * 1e-3).sum(); loss.backward()",
    "a kink": "loss = (w - w.detach()).relu().sum() + w.abs().sum(); loss.backward()",
}


@pytest.mark.parametrize("name", AGREES)
def test_by_hand_agrees_with_autograd_and_finite_differences(name: str) -> None:
    accounts = told(HEAD + AGREES[name]).by_hand

    assert accounts
    assert [each.agrees for each in accounts] == [True] * len(accounts)


def test_a_module_with_two_names_gives_its_tensors_both() -> None:
    document = told("import torch\nnet = torch.nn.Linear(1, 1)\ntarget = net\nnets = {'a': net}")

    names = {name for each in document.graph.tensors for name in each.names}

    assert {"net.weight", "target.weight", "nets['a'].bias"} <= names
