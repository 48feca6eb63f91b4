"""A program for each mistake that PyTorch does not report."""

from tests.explain.provoked import Provoked

LINTS: dict[str, tuple[Provoked, ...]] = {
    "grad-accumulated": (
        Provoked("""import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([1.0, 2.0])
for _ in range(5):
    loss = ((w * x - 3 * x) ** 2).mean()
    loss.backward()  # here
    with torch.no_grad():
        w -= 0.1 * w.grad
"""),
        Provoked("""import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(8, 2), torch.randn(8, 1)
for _ in range(3):
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()  # here
    optimizer.step()
"""),
    ),
    "graph-kept-alive": (
        Provoked("""import torch
w = torch.tensor([1.0], requires_grad=True)
total = 0
for _ in range(3):
    loss = ((w - 3) ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
    total += loss  # here
"""),
    ),
    "leaf-rebound": (
        Provoked("""import torch
w = torch.tensor([1.0], requires_grad=True)
((w - 3) ** 2).sum().backward()
w = w - 0.1 * w.grad  # here
"""),
        Provoked("""import torch
w = torch.tensor([1.0], requires_grad=True)
((w - 3) ** 2).sum().backward()
with torch.no_grad():
    w = w - 0.1 * w.grad  # here
"""),
    ),
    "parameter-without-gradient": (
        Provoked(
            """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.second = nn.Linear(2, 1)
        self.unused = nn.Linear(2, 1)  # here
    def forward(self, x):
        return self.second(torch.tanh(self.first(x)))
torch.manual_seed(0)
net = Net()
net(torch.randn(4, 2)).pow(2).mean().backward()
""",
            cured=False,
        ),
    ),
    "parameter-in-no-optimizer": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
optimizer = torch.optim.SGD(net[0].parameters(), lr=0.01)
x = torch.randn(4, 2)
for _ in range(2):
    net.zero_grad()
    net(x).pow(2).mean().backward()
    optimizer.step()  # here
""",
            cured=False,
        ),
    ),
    "optimizer-of-frozen": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
body, head = nn.Linear(2, 2), nn.Linear(2, 1)
body.requires_grad_(False)
optimizer = torch.optim.SGD(body.parameters(), lr=0.01)
head(body(torch.randn(4, 2))).pow(2).mean().backward()
optimizer.step()  # here
""",
            cured=False,
        ),
    ),
    "step-without-gradient": (
        Provoked(
            """import torch
w = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
loss = (w * w).sum()
optimizer.step()  # here
loss.backward()
""",
            trains=("w",),
        ),
        Provoked(
            """import torch
w = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    loss = (w * w).sum()
    optimizer.step()  # here
    loss.backward()
""",
            trains=("w",),
        ),
    ),
    "cleared-before-step": (
        Provoked(
            """import torch
w = torch.tensor([1.0], requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    loss = (w * w).sum()
    loss.backward()
    optimizer.zero_grad()  # here
    optimizer.step()
""",
            trains=("w",),
        ),
    ),
    "learning-rate-too-large": (
        Provoked(
            """import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([1.0, 2.0, 3.0])
optimizer = torch.optim.SGD([w], lr=1.0)
for _ in range(10):
    optimizer.zero_grad()
    loss = ((w * x - 2 * x) ** 2).mean()
    loss.backward()  # here
    optimizer.step()
""",
            cured=False,
        ),
    ),
    "cut-by-number": (
        Provoked("""import torch
w = torch.tensor(2.0, requires_grad=True)
v = torch.tensor(1.0, requires_grad=True)
factor = (w * 3).item()  # here
loss = (v * factor) ** 2
loss.backward()
"""),
    ),
    "cut-by-data": (
        Provoked("""import torch
w = torch.tensor([2.0], requires_grad=True)
v = torch.tensor([1.0], requires_grad=True)
hidden = w * 3
loss = (v * hidden.data).sum()  # here
loss.backward()
"""),
    ),
    "cut-by-numpy": (
        Provoked(
            """import torch
w = torch.tensor([2.0], requires_grad=True)
v = torch.tensor([1.0], requires_grad=True)
hidden = (w * 3).detach().numpy()  # here
loss = (v * torch.from_numpy(hidden)).sum()
loss.backward()
""",
            cured=False,
        ),
    ),
    "cut-by-no-derivative": (
        Provoked(
            """import torch
w = torch.tensor([[2.0, 1.0]], requires_grad=True)
v = torch.tensor([1.0, 2.0], requires_grad=True)
place = (w * 3).argmax(1)  # here
loss = (v * place).sum()
loss.backward()
""",
            cured=False,
        ),
    ),
    "data-changed-after-saved": (
        Provoked(
            """import torch
x = torch.tensor([1.0], requires_grad=True)
y = x.exp()
y.data.add_(1)  # here
y.sum().backward()
""",
            cured=False,
        ),
    ),
    "broadcast-in-loss": (
        Provoked(
            """import torch
torch.manual_seed(0)
x, y = torch.rand(5, 1), torch.rand(5)
w = torch.ones(1, 1, requires_grad=True)
loss = ((x @ w - y) ** 2).mean()  # here
loss.backward()
""",
            cured=False,
        ),
    ),
    "softmax-before-cross-entropy": (
        Provoked("""import torch
import torch.nn.functional as F
torch.manual_seed(0)
net = torch.nn.Linear(4, 3)
p = F.softmax(net(torch.randn(5, 4)), dim=1)  # here
loss = F.cross_entropy(p, torch.tensor([0, 1, 2, 0, 1]))
loss.backward()
"""),
    ),
    "log-of-softmax": (
        Provoked(
            """import torch
torch.manual_seed(0)
net = torch.nn.Linear(4, 3)
p = torch.softmax(net(torch.randn(5, 4)), dim=1)
loss = -torch.log(p)[:, 0].mean()  # here
loss.backward()
""",
            cured=False,
        ),
    ),
    "nll-without-log": (
        Provoked(
            """import torch
import torch.nn.functional as F
torch.manual_seed(0)
net = torch.nn.Linear(4, 3)
loss = F.nll_loss(net(torch.randn(2, 4)), torch.tensor([0, 1]))  # here
loss.backward()
""",
            cured=False,
        ),
    ),
    "sigmoid-before-logits-loss": (
        Provoked("""import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
loss_fn = nn.BCEWithLogitsLoss()
loss = loss_fn(net(torch.randn(5, 4)), torch.ones(5, 1))
loss.backward()
"""),
    ),
    "bce-without-sigmoid": (
        Provoked("""import torch
from torch import nn
net = nn.Linear(1, 1)
nn.init.constant_(net.weight, 0.1)
nn.init.constant_(net.bias, 0.5)
loss_fn = nn.BCELoss()
loss = loss_fn(net(torch.ones(5, 1)), torch.ones(5, 1))  # here
loss.backward()
"""),
    ),
    "softmax-of-one": (
        Provoked(
            """import torch
import torch.nn.functional as F
torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
loss = F.cross_entropy(net(torch.randn(5, 4)), torch.zeros(5, dtype=torch.long))  # here
loss.backward()
""",
            cured=False,
        ),
    ),
    "where-nan": (
        Provoked(
            """import torch
x = torch.tensor([0.0, 1.0], requires_grad=True)
y = torch.where(x > 0, torch.log(x), torch.zeros(2))  # here
y.sum().backward()
""",
            cured=False,
        ),
    ),
    "nan-in-backward-pass": (
        Provoked(
            """import torch
x = torch.tensor([0.0, 4.0], requires_grad=True)
y = torch.sqrt(x)  # here
(y * torch.tensor([0.0, 1.0])).sum().backward()
""",
            cured=False,
        ),
    ),
    "not-finite-in-forward": (
        Provoked(
            """import torch
x = torch.tensor([-1.0, 4.0], requires_grad=True)
y = torch.log(x)  # here
(y * 2).sum().backward()
""",
            cured=False,
        ),
    ),
    "dead-relu": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
first, second = nn.Linear(2, 4), nn.Linear(4, 1)
nn.init.constant_(first.bias, -50.0)
hidden = torch.relu(first(torch.randn(8, 2)))  # here
second(hidden).pow(2).mean().backward()
""",
            cured=False,
        ),
    ),
    "saturated": (
        Provoked(
            """import torch
torch.manual_seed(0)
w = torch.full((4,), 30.0, requires_grad=True)
hidden = torch.sigmoid(w * torch.tensor([1.0, 2.0, 3.0, 4.0]))  # here
((hidden - 0.5) ** 2).sum().backward()
""",
            cured=False,
        ),
    ),
    "vanishing": (
        Provoked(
            """import torch
x = torch.tensor([1.0], requires_grad=True)
y = x
for _ in range(20):
    y = torch.sigmoid(y)  # here
y.sum().backward()
""",
            cured=False,
        ),
    ),
    "exploding": (
        Provoked(
            """import torch
torch.manual_seed(0)
w = torch.randn(10, 10, requires_grad=True)
h = torch.randn(1, 10)
for _ in range(20):
    h = h @ (w * 2)  # here
h.sum().backward()
""",
            cured=False,
        ),
    ),
    "zero-derivative": (
        Provoked(
            """import torch
x = torch.tensor([1.3], requires_grad=True)
y = (x * 2).round()  # here
(y * y).sum().backward()
""",
            cured=False,
        ),
    ),
    "optimizer-not-stepped": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x, y = torch.randn(8, 2), torch.randn(8, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)  # here
for _ in range(3):
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
""",
            trains=("net[0].weight", "net[2].bias"),
        ),
    ),
    "scheduler-not-stepped": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x, y = torch.randn(8, 2), torch.randn(8, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1)  # here
for _ in range(3):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
""",
            cured=False,
        ),
    ),
    "group-option-unknown": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x, y = torch.randn(8, 2), torch.randn(8, 1)
groups = [net[0].parameters(), net[2].parameters()]
optimizer = torch.optim.SGD([{"params": groups[0]},
                             {"params": groups[1], "learning_rate": 0.01}], lr=0.1)  # here
for _ in range(3):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
""",
            trains=("net[0].weight", "net[2].weight"),
        ),
    ),
    "scaled-gradients-used": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x, y = torch.randn(8, 2), torch.randn(8, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=1e-6)
scaler = torch.amp.GradScaler("cpu", init_scale=128.0)
for _ in range(3):
    optimizer.zero_grad()
    scaler.scale(nn.functional.mse_loss(net(x), y)).backward()
    optimizer.step()  # here
""",
            trains=("net[0].weight", "net[2].weight"),
        ),
    ),
    "learning-rate-zero": (
        Provoked(
            """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
x, y = torch.randn(8, 2), torch.randn(8, 1)
optimizer = torch.optim.SGD(
    [{"params": net[0].parameters(), "lr": 0.0}, {"params": net[2].parameters()}], lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()  # here
""",
            cured=False,
        ),
    ),
    "custom-none": (
        Provoked(
            """import torch
class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b
    @staticmethod
    def backward(ctx, grad):
        a, b = ctx.saved_tensors
        return grad * b, None
x = torch.ones(2, requires_grad=True)
w = torch.ones(2, requires_grad=True)
Product.apply(x, w).sum().backward()  # here
""",
            cured=False,
        ),
    ),
    "not-called": (
        Provoked("""import torch
x = torch.ones(1, requires_grad=True)
loss = (x * x).sum()
loss.backward  # here
"""),
    ),
    "mode-not-entered": (
        Provoked(
            """import torch
w = torch.ones(2, requires_grad=True)
torch.no_grad()  # here
loss = (w * w).sum()
loss.backward()
""",
            cured=False,
        ),
    ),
    "eval-left-on": (
        Provoked("""import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 4), nn.Dropout(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(8, 2), torch.randn(8, 1)
net.train()
for epoch in range(2):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
    net.eval()  # here
    with torch.no_grad():
        print(nn.functional.mse_loss(net(x), y).shape)
"""),
    ),
    "evaluated-in-training-mode": (
        Provoked("""import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 4), nn.Dropout(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(8, 2), torch.randn(8, 1)
for epoch in range(2):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
with torch.no_grad():
    print(nn.functional.mse_loss(net(x), y))  # here
"""),
        Provoked("""import torch
from torch import nn
torch.manual_seed(0)
model = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
data = [(torch.randn(8, 2), torch.randn(8, 1)) for _ in range(3)]
for epoch in range(2):
    for x, y in data:
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()
    with torch.inference_mode():
        for x, y in data:
            print(nn.functional.mse_loss(model(x), y))  # here
"""),
    ),
    "micro-batches-summed": (
        Provoked("""import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for i in range(8):
    loss = net(torch.randn(4, 3)).pow(2).mean()
    loss.backward()  # here
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
"""),
        Provoked("""import torch
from torch import nn
torch.manual_seed(0)
net, criterion = nn.Linear(3, 2), nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters())
every = 2
for i in range(6):
    x, y = torch.randn(4, 3), torch.randint(2, (4,))
    criterion(net(x), y).backward()  # here
    if i % every == every - 1:
        optimizer.step()
        optimizer.zero_grad()
"""),
    ),
    "graph-retained": (
        Provoked("""import torch
x = torch.ones(1, requires_grad=True)
loss = (x * x).sum()
loss.backward(retain_graph=True)  # here
"""),
    ),
    "layers-in-a-list": (
        Provoked("""import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(2, 2) for _ in range(2)]  # here
        self.last = nn.Linear(2, 1)
    def forward(self, x):
        for layer in self.hidden:
            x = torch.tanh(layer(x))
        return self.last(x)
torch.manual_seed(0)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(2):
    optimizer.zero_grad()
    net(torch.randn(4, 2)).pow(2).mean().backward()
    optimizer.step()
"""),
    ),
}

_WIRING = """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(8, 3), torch.randn(8, 1)
"""

LINTS |= {
    "clipped-after-step": (
        Provoked(
            _WIRING
            + """for _ in range(3):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)  # here
"""
        ),
    ),
    "clipped-while-scaled": (
        Provoked(
            _WIRING
            + """scaler = torch.amp.GradScaler("cpu")
for _ in range(3):
    optimizer.zero_grad()
    scaler.scale(nn.functional.mse_loss(net(x), y)).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)  # here
    scaler.step(optimizer)
    scaler.update()
"""
        ),
    ),
    "parameter-converted": (
        Provoked("""import torch
from torch import nn
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(3)).double()  # here
        self.linear = nn.Linear(3, 1).double()
    def forward(self, x):
        return self.linear(x * self.factor)
net = Scale()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.ones(2, 3).double()).sum().backward(retain_graph=False)
optimizer.step()
"""),
    ),
    "flag-on-a-slice": (
        Provoked(
            """import torch
w = torch.ones(4)
w[2:].requires_grad = True  # here
""",
            cured=False,
        ),
    ),
    "frozen-batch-norm": (
        Provoked("""import torch
from torch import nn
body = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
body.requires_grad_(False)  # here
head = nn.Linear(4, 1)
head(body(torch.randn(8, 3))).sum().backward()
"""),
    ),
    "forward-called-directly": (
        Provoked("""import torch
net = torch.nn.Linear(2, 1)
net.register_forward_hook(lambda module, inputs, output: print(output.shape))
y = net.forward(torch.ones(1, 2))  # here
"""),
    ),
    "second-name": (
        Provoked(
            _WIRING
            + """target = net  # here
optimizer.zero_grad()
(net(x) - target(x).detach() - 1).pow(2).mean().backward()
optimizer.step()
"""
        ),
    ),
    "optimizer-of-others": (
        Provoked(
            _WIRING
            + """saved = nn.Linear(3, 1).state_dict()
net.load_state_dict(saved, assign=True)  # here
for _ in range(2):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    optimizer.step()
""",
            cured=False,
        ),
    ),
    "loss-is-a-leaf": (
        Provoked(
            _WIRING
            + """net.requires_grad_(False)
loss = nn.functional.mse_loss(net(x), y)
loss.requires_grad = True  # here
loss.backward()
""",
            cured=False,
        ),
    ),
    "penalty-without-graph": (
        Provoked(
            _WIRING
            + """points = torch.randn(8, 3, requires_grad=True)
slope, = torch.autograd.grad(net(points).exp().sum(), points)  # here
loss = net(x).mean() + ((slope.norm(dim=1) - 1) ** 2).mean()
optimizer.zero_grad()
loss.backward()
optimizer.step()
"""
        ),
    ),
    "losses-kept": (
        Provoked(
            _WIRING
            + """history = []
for _ in range(3):
    loss = nn.functional.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss)  # here
"""
        ),
    ),
    "gradient-explodes-here": (
        Provoked(
            """import torch
x = torch.zeros(1, 3, requires_grad=True)
y = torch.nn.functional.normalize(x)  # here
y.sum().backward()
""",
            cured=False,
        ),
    ),
}
LINTS["grad-accumulated"] += (
    Provoked("""import torch
w = torch.zeros(2, requires_grad=True)
optimizer = torch.optim.LBFGS([w], max_iter=4)
def closure():
    loss = ((w - 3) ** 4).sum()
    loss.backward()  # here
    return loss
optimizer.step(closure)
"""),
)
