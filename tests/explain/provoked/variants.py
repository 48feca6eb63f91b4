"""The texts of `messages.py` met in other ways: in functions, modules, loops and through views."""

from tests.explain.provoked import Provoked

HEAD = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
"""

VARIANTS: tuple[tuple[str, Provoked], ...] = (
    ("non-leaf-grad", Provoked("""
def made():
    w = torch.ones(3, requires_grad=True).double()
    return w
w = made()
(w * 2).sum().backward()
print(w.grad is None)  # here
""")),
    ("grad-is-none", Provoked("""
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.ones(1, 2)).sum().backward()
optimizer.step()
optimizer.zero_grad()  # here
print(net.weight.grad.norm())
""", cured=False)),
    ("grad-is-none", Provoked("""
x = torch.ones(2)  # here
w = torch.ones(2, requires_grad=True)
(x * w).sum().backward()
print(x.grad)
""")),
    ("nothing-to-differentiate", Provoked("""
x = torch.ones(2, requires_grad=True)
@torch.no_grad()  # here
def loss_of(x):
    return (x * 2).sum()
loss_of(x).backward()
""")),
    ("nothing-to-differentiate", Provoked("""
torch.set_grad_enabled(False)  # here
x = torch.ones(2, requires_grad=True)
(x * 2).sum().backward()
""")),
    ("nothing-to-differentiate", Provoked("""
x = torch.ones(2, requires_grad=True)
with torch.set_grad_enabled(False):  # here
    y = (x * 2).sum()
y.backward()
""")),
    ("nothing-to-differentiate", Provoked("""
net = nn.Linear(2, 1)
for parameter in net.parameters():
    parameter.requires_grad = False  # here
net(torch.ones(1, 2)).sum().backward()
""", cured=False)),
    ("nothing-to-differentiate", Provoked("""
import numpy
x = torch.ones(2, requires_grad=True)
waves = numpy.sin(x.detach().numpy())  # here
torch.from_numpy(waves).sum().backward()
""", cured=False)),
    ("not-a-scalar", Provoked("""
x = torch.randn(3, requires_grad=True)
slopes = torch.autograd.grad(x * 2, x)  # here
""")),
    ("not-a-scalar", Provoked("""
z = torch.tensor(1 + 2j, requires_grad=True)
(z * z).backward()  # here
""")),
    ("seed-of-another-shape", Provoked("""
x = torch.randn(3, requires_grad=True)
y = x * 2
torch.autograd.grad(y, x, grad_outputs=torch.ones(2))  # here
""")),
    ("backward-twice", Provoked("""
rnn = nn.LSTM(2, 3)
state = (torch.zeros(1, 1, 3), torch.zeros(1, 1, 3))
for _ in range(3):
    out, state = rnn(torch.randn(4, 1, 2), state)  # here
    out.sum().backward()
""")),
    ("backward-twice", Provoked("""
net = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
for _ in range(2):
    first = net(torch.randn(4, 2)).mean()
    first.backward()  # here
    second = net(torch.randn(4, 2)).mean() + first
    second.backward()
""")),
    ("backward-twice", Provoked("""
x = torch.ones(2, requires_grad=True)
y = x.exp()
y.sum().backward()  # here
print(y.grad_fn._saved_result)
""")),
    ("modified-in-place", Provoked("""
x = torch.randn(3, requires_grad=True)
hidden = torch.sigmoid(x)
out = F.relu(hidden, inplace=True)  # here
out.sum().backward()
""")),
    ("modified-in-place", Provoked("""
x = torch.ones(4, requires_grad=True)
y = x.exp()
view = y[:2]
view.add_(1)  # here
y.sum().backward()
""", cured=False)),
    ("modified-in-place", Provoked("""
x = torch.ones(3, requires_grad=True)
h = torch.zeros(3)
for i in range(3):
    h[i] = x[i] * h.sum() + x.exp()[i] * h[i]  # here
h.sum().backward()
""", cured=False)),
    ("leaf-in-place", Provoked("""
net = nn.Linear(2, 1)
net.weight *= 0.5  # here
""")),
    ("view-of-custom-function", Provoked("""
net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))  # here
net[0].register_full_backward_hook(lambda module, got, sent: None)
net(torch.ones(1, 2, requires_grad=True)).sum().backward()
""")),
    ("numpy-of-graph", Provoked("""
import matplotlib.pyplot as plt
w = torch.ones(3, requires_grad=True)
plt.plot([0, 1, 2], w * 2)  # here
""")),
    ("scalar-of-graph", Provoked("""
import math
w = torch.ones(1, requires_grad=True)
print(math.sqrt(w * 2))  # here
""")),
    ("integers-require-grad", Provoked("""
w = torch.randint(0, 5, (3,))  # here
w.requires_grad = True
""")),
    ("integers-require-grad", Provoked("""
w = nn.Parameter(torch.tensor([1, 2, 3]))  # here
""")),
    ("input-not-used", Provoked("""
net = nn.Linear(2, 1)
unused = torch.ones(1, requires_grad=True)
torch.autograd.grad(net(torch.ones(1, 2)).sum(), [*net.parameters(), unused])  # here
""")),
    ("no-parameters", Provoked("""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = []  # here
        for _ in range(2):
            self.layers.append(nn.Linear(2, 2))
torch.optim.Adam(Net().parameters())
""")),
    ("no-parameters", Provoked("""
parameters = nn.Linear(2, 1).parameters()  # here
print(sum(each.numel() for each in parameters))
optimizer = torch.optim.SGD(parameters, lr=0.1)
""")),
    ("custom-legacy", Provoked("""
class Same(torch.autograd.Function):
    def forward(self, x):  # here
        return x.clone()
Same()(torch.ones(1, requires_grad=True))
""")),
    ("no-derivative", Provoked("""
a = torch.randn(3, 3, requires_grad=True)
q = torch.geqrf(a)[0]  # here
q.sum().backward()
""", cured=False)),
    ("hook-changed-size", Provoked("""
x = torch.ones(2, requires_grad=True)
def summed(grad):
    return grad.sum()
x.register_hook(summed)  # here
(x * 2).sum().backward()
""", cured=False)),
    ("deepcopy-of-non-leaf", Provoked("""
import copy
net = nn.Linear(2, 2)
net.kept = net(torch.ones(1, 2))
twin = copy.deepcopy(net)  # here
""", cured=False)),
    ("matrix-shapes", Provoked("""
net = nn.Sequential(
    nn.Linear(4, 8),
    nn.ReLU(),
    nn.Linear(6, 2),  # here
)
net(torch.randn(3, 4))
""")),
    ("matrix-dtypes", Provoked("""
import numpy
x = torch.from_numpy(numpy.ones((4, 3)))
nn.Linear(3, 1)(x)  # here
""")),
    ("loss-broadcast", Provoked("""
crit = nn.MSELoss()
net = nn.Linear(2, 1)
x, y = torch.randn(5, 2), torch.randn(5)
loss = crit(net(x), y)  # here
loss.backward()
""")),
    ("vmap-item", Provoked("""
torch.vmap(lambda x: x if x > 0 else -x)(torch.randn(3))  # here
""", cured=False)),
    ("truth-of-many", Provoked("""
x = torch.zeros(3)
while x < 3:  # here
    x = x + 1
""", cured=False)),
)  # fmt: skip
