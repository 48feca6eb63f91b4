"""The last iteration of a long loop is the graph that is drawn, and it is recorded whole."""

import pytest

from gradfn.explain.document import explained
from gradfn.model.document import RunDocument
from gradfn.model.fold import document_of
from gradfn.recorder.in_process import record
from gradfn.recorder.watch.probes import FULL_STEPS

STEP = """
    y = w * 2
    loss = y.pow(2).sum()
    loss.backward()
    w.data -= .001 * w.grad
    w.grad = None
"""
PROGRAMS = {
    "range": f"import torch\nw = torch.ones(2, requires_grad=True)\nfor i in range(1000):{STEP}",
    "list": f"import torch\nw = torch.ones(2, requires_grad=True)\nfor i in [0] * 400:{STEP}",
    "progress bar": (
        "import torch\nfrom tqdm import tqdm\nw = torch.ones(2, requires_grad=True)\n"
        f"for i in tqdm(range(400)):{STEP}"
    ),
    "zip": (
        "import torch\nw = torch.ones(2, requires_grad=True)\n"
        f"for i, j in zip(torch.ones(400), range(10**9)):{STEP}"
    ),
    "function": """
import torch
w = torch.ones(2, requires_grad=True)
def train(n):
    for i in range(n):
        y = w * 2
        loss = y.pow(2).sum()
        loss.backward()
        w.data -= .001 * w.grad
        w.grad = None
    return loss
for epoch in range(20):
    last = train(30)
""",
    "batches": """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
x, y = torch.randn(32, 2), torch.randn(32, 1)
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), 0.01)
for epoch in range(60):
    for i, (a, b) in enumerate(DataLoader(TensorDataset(x, y), batch_size=4, shuffle=True)):
        optimizer.zero_grad()
        loss = ((net(a) - b) ** 2).mean()
        loss.backward()
        optimizer.step()
""",
    "time steps": """
import torch
from torch import nn
cell = nn.RNNCell(1, 3)
optimizer = torch.optim.SGD(cell.parameters(), 0.01)
x = torch.ones(6, 2, 1)
for step in range(120):
    h = torch.zeros(2, 3)
    for t in range(6):
        h = cell(x[t], h)
    loss = h.pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
}


def document(code: str) -> RunDocument:
    """What is told of a run."""
    return explained(document_of(record(code), steps=True), code)


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_gradients_are_worked_out_by_hand(name: str) -> None:
    told = document(PROGRAMS[name])
    assert told.error is None
    assert told.recording is not None
    assert told.recording.thinned
    assert told.by_hand
    assert [each.agrees for each in told.by_hand] == [True] * len(told.by_hand)
    operations = [each for each in told.graph.functions if not each.accumulates]
    assert all(each.line and each.inputs for each in operations)


def test_a_loop_without_an_end_that_is_known_is_sampled_as_before() -> None:
    code = "import itertools, torch\nw = torch.ones(2, requires_grad=True)\n"
    code += f"for i in itertools.count():{STEP}    if i == 500: break\n"
    told = document(code)
    assert told.recording is not None
    assert told.steps is not None
    assert FULL_STEPS < len(told.steps) < 1.2 * FULL_STEPS


def test_nothing_is_asked_of_what_a_loop_goes_through(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
class Two:
    def __iter__(self):
        print("iter")
        return iter(range(2))
    def __len__(self):
        print("len")
        return 2
for i in Two():
    print(i)
for i in enumerate(Two()):
    print(i)
"""
    exec(code, {})
    plain = capsys.readouterr().out
    document(code)
    assert capsys.readouterr().out == plain
