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
    "batches of a dataset of its own": """
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, random_split
class Points(Dataset):
    "Noisy points of a line."
    def __init__(self, n):
        self.x = torch.randn(n, 2)
    def __len__(self):
        "How many there are."
        return len(self.x) - 2
    def __getitem__(self, nr):
        return self.x[nr], self.x[nr].sum(0, keepdim=True)
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), 0.01)
whole = Points(34)
part, _ = random_split(whole, [16, 16])
for epoch in range(40):
    for a, b in DataLoader(part, batch_size=4, shuffle=True):
        optimizer.zero_grad()
        ((net(a) - b) ** 2).mean().backward()
        optimizer.step()
for epoch in range(60):
    for i, (a, b) in enumerate(DataLoader(whole, batch_size=5, shuffle=True)):
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


LENGTHS = {
    "return len(self.x)": 3,
    "return self.n": 5,
    "return self.x.shape[0] * 2 + 1": 7,
    "return self.x.size(0) // 2": 1,
    "return len(self.items) - self.n": -1,
    "return max(self.n, 1)": None,
    "return self.length": None,
    "self.asked = 1; return self.n": None,
    "return len(self.own)": None,
}


@pytest.mark.parametrize("body", LENGTHS)
def test_the_length_of_a_dataset_is_read_and_never_asked(body: str) -> None:
    code = f"""
import torch
from gradfn.recorder.watch.lengths import length_of
class Own:
    def __len__(self): raise AssertionError
class Data:
    def __init__(self):
        self.x, self.n, self.items, self.own = torch.ones(3, 2), 5, [1, 2, 3, 4], Own()
    @property
    def length(self): raise AssertionError
    def __len__(self):
        {body}
found = length_of(Data())
"""
    names: dict[str, object] = {}
    record(code, names)
    expected = LENGTHS[body]
    assert names["found"] == (None if expected is None or expected < 0 else expected)


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
