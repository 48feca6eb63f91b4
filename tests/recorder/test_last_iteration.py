"""The last iteration of a long loop is the graph that is drawn, and it is recorded whole."""

from typing import Any

import pytest

from gradfn.explain.document import explained
from gradfn.model.document import RunDocument
from gradfn.model.fold import document_of
from gradfn.recorder.in_process import record
from gradfn.recorder.watch.sampling import FULL_STEPS

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


HEAD = "import itertools, torch\nfrom torch import nn\nw = torch.ones(2, requires_grad=True)\n"
EARLY = {
    "while": f"{HEAD}i = 0\nwhile i < 700:{STEP}    i += 1\n",
    "count": f"{HEAD}for i in itertools.count():{STEP}    if i == 700: break\n",
    "a range that is left": f"{HEAD}for i in range(10**6):{STEP}    if loss < 0.05: break\n",
    "one of two loops": f"{HEAD}for n in range(3):\n    i = 0\n    while i < 300:"
    + STEP.replace("\n", "\n    ")
    + "    i += 1\n",
    "an integer that no float can hold": (
        f"{HEAD}i, n = 0, 10**400\nwhile i < n:{STEP}    i += n // 600\n"
    ),
    "an else of an inner loop": f"{HEAD}for i in range(10**6):{STEP}    for j in range(2): pass\n"
    "    else:\n        if loss < 0.05: break\n",
    "two tests, one in the other": f"{HEAD}for i in range(10**6):{STEP}    if loss < 0.05:\n"
    "        if i > 10: break\n",
    "a function that returns": f"""{HEAD}
def fit():
    while True:
        y = w * 2
        loss = y.pow(2).sum()
        loss.backward()
        with torch.no_grad():
            w.sub_(.001 * w.grad)
        w.grad.zero_()
        if loss < 0.05:
            return loss
last = fit()
print(last.item())
""",
    "epochs until it is good, batches that are counted": f"""{HEAD}
from torch.utils.data import DataLoader, TensorDataset
x = torch.randn(40, 2)
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), 0.01)
loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=4, shuffle=True)
def epoch(model):
    for a, b in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(a), b)
        loss.backward()
        optimizer.step()
    return loss
count = 0
while count < 60:
    loss = epoch(net)
    with torch.no_grad():
        for a, b in loader:
            error = nn.functional.mse_loss(net(a), b)
    count += 1
""",
    "episodes": f"""{HEAD}
policy = nn.Linear(3, 2)
optimizer = torch.optim.Adam(policy.parameters(), 0.01)
torch.manual_seed(0)
for episode in range(60):
    state, losses, t = torch.ones(3), [], 0
    while True:
        scores = policy(state).log_softmax(0)
        losses.append(-scores[t % 2])
        state, t = state * 0.5, t + 1
        if t > 4:
            break
    loss = torch.stack(losses).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "a module with a loop of its own": f"""{HEAD}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(2, 2)
    def forward(self, x):
        n = 0
        while n < 3:
            x = self.cell(x).tanh()
            n += 1
        return x
torch.manual_seed(1)  # a loop long enough that not every turn is kept
net = Net()
optimizer = torch.optim.SGD(net.parameters(), 0.01)
best = 1e9
while True:
    loss = net(torch.ones(2)).pow(2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if loss.item() > best - 1e-7 or loss.item() < 0.001:
        break
    best = loss.item()
""",
}


def document(code: str) -> RunDocument:
    """What is told of a run."""
    return explained(document_of(record(code), steps=True), code)


@pytest.mark.parametrize("name", [*PROGRAMS, *EARLY])
def test_its_gradients_are_worked_out_by_hand(name: str) -> None:
    told = document((PROGRAMS | EARLY)[name])
    assert told.error is None
    assert told.recording is not None
    assert told.recording.thinned
    of_loss = [each for each in told.by_hand or () if each.autograd is not None]
    assert of_loss
    assert [each.agrees for each in of_loss] == [True] * len(of_loss)
    operations = [each for each in told.graph.functions if not each.accumulates]
    assert all(each.line and each.inputs for each in operations)


@pytest.mark.parametrize("name", EARLY)
def test_no_more_is_kept_of_a_loop_whose_end_nobody_knows(name: str) -> None:
    told = document(EARLY[name])
    assert told.steps is not None
    assert FULL_STEPS < len(told.steps) < 1.5 * FULL_STEPS


@pytest.mark.parametrize("name", ["while", "count", "a range that is left"])
def test_the_last_turn_has_the_values_that_it_had(name: str) -> None:
    told = document(EARLY[name])
    names: dict[str, Any] = {}
    exec(EARLY[name].replace("w.data -=", "g = w.grad.tolist(); w.data -="), names)
    values = {name: each.value for each in told.graph.tensors for name in each.names}
    (last,) = (one for one in told.backward if one.alike is None)
    (account,) = told.by_hand or ()

    assert values["y"] is not None
    assert values["y"].data == names["y"].tolist()
    assert [each.after.data for each in last.accumulated if each.after] == [names["g"]]
    assert account.total is not None
    assert account.total.data == pytest.approx(names["g"])
    assert account.finite_differences is not None
    assert account.finite_differences.data == pytest.approx(names["g"])


def test_the_last_pass_of_a_line_that_the_last_turn_leaves_out_keeps_its_graph() -> None:
    turns = STEP.replace("\n    ", "\n        ")
    code = f"{HEAD}i = 0\nwhile i < 600:\n    i += 1\n    if i < 600:{turns}"
    code += "    else:\n        z = w.exp().sum()\n        z.backward()\n"
    told = document(code)
    own = [one for one in told.backward if one.alike is None]
    assert sorted(one.line or 0 for one in own) == [10, 15]
    assert [one.truncated for one in own if one.line == 15] == [False]


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
