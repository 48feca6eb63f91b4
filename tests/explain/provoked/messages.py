"""A program for each text of PyTorch that we explain, by the id of the explanation.

`E…` are the numbers of `peers.md`, where the texts were collected.
"""

from tests.explain.provoked import Provoked
from tests.explain.provoked.errors import ERRORS
from tests.explain.provoked.more_errors import MORE_ERRORS

MESSAGES: dict[str, tuple[Provoked, ...]] = {
    "non-leaf-grad": (
        Provoked("""import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * 2
y.sum().backward()
print(y.grad)  # here
"""),
        Provoked("""import torch
w = torch.randn(3, requires_grad=True) * 0.01
(w * w).sum().backward()
print(w.grad)  # here
"""),
    ),
    "grad-is-none": (
        Provoked("""import torch
w = torch.tensor([1.0])  # here
x = torch.tensor([1.0], requires_grad=True)
(w * x).sum().backward()
print(0.1 * w.grad)
"""),
        Provoked("""import torch
w = torch.tensor([1.0])  # here
x = torch.tensor([1.0], requires_grad=True)
(w * x).sum().backward()
print(w.grad.norm())
"""),
        Provoked(
            """import torch
w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0])
for _ in range(2):
    loss = ((w * x - 4) ** 2).sum()
    loss.backward()
    w = w - 0.1 * w.grad  # here
""",
            cured=False,
        ),
        Provoked(
            """import torch
w = torch.tensor([1.0], requires_grad=True)  # here
w.grad.zero_()
""",
            cured=False,
        ),
    ),
    "nothing-to-differentiate": (
        Provoked("""import torch
x = torch.tensor([1.0, 2.0])  # here
loss = (x * x).sum()
loss.backward()
"""),
        Provoked("""import torch
w = torch.tensor([1.0], requires_grad=True)
y = (w * 2).detach()  # here
loss = (y * y).sum()
loss.backward()
"""),
        Provoked("""import torch
w = torch.tensor([1.0], requires_grad=True)
with torch.no_grad():  # here
    y = w * 2
loss = (y * y).sum()
loss.backward()
"""),
        Provoked("""import torch
x = torch.tensor([3.0], requires_grad=True)
y = x ** 3
first, = torch.autograd.grad(y, x)  # here
second, = torch.autograd.grad(first, x)
"""),
        Provoked(
            """import torch
w = torch.tensor([[1.0, 2.0]], requires_grad=True)
guess = (w * 2).argmax()  # here
loss = (guess - 1.0) ** 2
loss.backward()
""",
            cured=False,
        ),
        Provoked(
            """import torch
a = torch.tensor(2.0, requires_grad=True)
parts = torch.tensor([a.item() * 2, 3.0])  # here
parts.sum().backward()
""",
            cured=False,
        ),
    ),
    "not-a-scalar": (
        Provoked("""import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * x
y.backward()  # here
"""),
        Provoked("""import torch
x = torch.tensor(1.0 + 2.0j, requires_grad=True)
y = x * x
y.backward()  # here
"""),
    ),
    "seed-of-another-shape": (
        Provoked("""import torch
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * x
y.backward(torch.ones(2))  # here
"""),
    ),
    "backward-twice": (
        Provoked("""import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = (x * x).sum()
y.backward()  # here
y.backward()
"""),
        Provoked("""import torch
w = torch.tensor([0.5], requires_grad=True)
h = torch.zeros(1)
for x in torch.ones(3, 1):
    h = torch.tanh(w * h + x)  # here
    loss = (h ** 2).sum()
    loss.backward()
"""),
        Provoked("""import torch
w = torch.tensor([2.0], requires_grad=True)
y = w ** 2  # here
for _ in range(2):
    loss = y.sum()
    loss.backward()
"""),
    ),
    "modified-in-place": (
        Provoked("""import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x.exp()
y.add_(1)  # here
y.sum().backward()
"""),
        Provoked("""import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = torch.sigmoid(x)
y += 1  # here
y.sum().backward()
"""),
        Provoked("""import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x.exp()
y[0] = 5  # here
y.sum().backward()
"""),
        Provoked(
            """import torch
w = torch.tensor([[1.0]], requires_grad=True)
v = torch.tensor([[2.0]], requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
loss = (w @ v).sum()
loss.backward(retain_graph=True)
optimizer.step()  # here
loss.backward()
""",
            cured=False,
        ),
    ),
    "leaf-in-place": (
        Provoked("""import torch
w = torch.tensor([1.0], requires_grad=True)
(w * w).sum().backward()
w -= 0.1 * w.grad  # here
"""),
        Provoked("""import torch
w = torch.zeros(2, 2, requires_grad=True)
w[0].fill_(1.0)  # here
"""),
    ),
    "view-of-many": (
        Provoked("""import torch
x = torch.ones(4, requires_grad=True)
a, b = (x * 2).split(2)
a.add_(1)  # here
(a.sum() + b.sum()).backward()
"""),
    ),
    "view-made-in-no-grad": (
        Provoked(
            """import torch
x = torch.ones(4, requires_grad=True) * 1
with torch.no_grad():
    v = x[:2]
v.mul_(2)  # here
""",
        ),
    ),
    "view-of-custom-function": (
        Provoked("""import torch
from torch import nn
net = nn.Linear(2, 2)
net.register_full_backward_hook(lambda module, got, sent: None)
y = net(torch.ones(1, 2, requires_grad=True))
y += 1  # here
y.sum().backward()
"""),
    ),
    "one-memory-many-elements": (
        Provoked("""import torch
y = torch.zeros(1).expand(3)
y.add_(1)  # here
"""),
    ),
    "detach-a-view-in-place": (
        Provoked("""import torch
x = torch.ones(4, requires_grad=True)
v = (x * 2)[:2]
v.detach_()  # here
"""),
    ),
    "inference-tensor-saved": (
        Provoked("""import torch
w = torch.ones(2, requires_grad=True)
with torch.inference_mode():  # here
    x = torch.ones(2) * 2
(w * x).sum().backward()
"""),
    ),
    "inference-tensor-requires-grad": (
        Provoked("""import torch
with torch.inference_mode():  # here
    x = torch.ones(2)
x.requires_grad_()
"""),
    ),
    "inference-tensor-in-place": (
        Provoked("""import torch
with torch.inference_mode():  # here
    x = torch.ones(2)
x.add_(1)
"""),
    ),
    "numpy-of-graph": (
        Provoked("""import torch
x = torch.tensor([1.0], requires_grad=True)
print((x * 2).numpy())  # here
"""),
    ),
    "scalar-of-graph": (
        Provoked("""import torch
x = torch.tensor([1.0], requires_grad=True)
print(float(x * 2))  # here
"""),
        Provoked("""import torch
x = torch.tensor(1.0, requires_grad=True)
y = torch.tensor([x * 2, x * 3])  # here
print(y)
"""),
    ),
    "tensor-of-tensor": (
        Provoked("""import torch
x = torch.tensor([1.0])
y = torch.tensor(x, requires_grad=True)  # here
"""),
    ),
    "integers-require-grad": (
        Provoked("""import torch
x = torch.tensor([1, 2], requires_grad=True)  # here
"""),
        Provoked("""import torch
x = torch.tensor([1, 2])  # here
x.requires_grad_()
"""),
    ),
    "requires-grad-of-computed": (
        Provoked("""import torch
x = torch.tensor([1.0], requires_grad=True)
y = x * 2  # here
y.requires_grad = False
"""),
    ),
    "retain-grad-of-constant": (
        Provoked("""import torch
x = torch.tensor([1.0])  # here
x.retain_grad()
"""),
    ),
    "hook-on-constant": (
        Provoked("""import torch
x = torch.tensor([1.0])  # here
x.register_hook(print)
"""),
    ),
    "input-not-used": (
        Provoked("""import torch
x = torch.tensor([1.0], requires_grad=True)
w = torch.tensor([1.0], requires_grad=True)
torch.autograd.grad((x * x).sum(), [x, w])  # here
"""),
    ),
    "input-without-grad": (
        Provoked("""import torch
x = torch.tensor([1.0], requires_grad=True)
w = torch.tensor([1.0])  # here
torch.autograd.grad((x * w).sum(), w)
"""),
    ),
    "create-graph-cycle": (
        Provoked(
            """import torch
x = torch.tensor([1.0], requires_grad=True)
(x ** 3).sum().backward(create_graph=True)
""",
            cured=False,
        ),
    ),
    "unused-parameters": (
        Provoked(
            """# The text alone: the jail allows no other processes.
text = "Expected to have finished reduction in the prior iteration before starting a new one."
raise RuntimeError(text)
""",
            cured=False,
        ),
    ),
    "optimizing-a-non-leaf": (
        Provoked("""import torch
w = torch.randn(2, requires_grad=True) * 0.01  # here
torch.optim.SGD([w], lr=0.1)
"""),
    ),
    "no-parameters": (
        Provoked("""import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 2), nn.Linear(2, 1)]  # here
net = Net()
torch.optim.SGD(net.parameters(), lr=0.1)
"""),
    ),
    "scaler-not-stepped": (
        Provoked(
            """import torch
net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
for _ in range(2):
    optimizer.zero_grad()
    scaler.scale(net(torch.ones(4, 2)).pow(2).mean()).backward()
    optimizer.step()  # here
    scaler.update()
""",
            trains=("net.weight", "net.bias"),
        ),
    ),
    "parameter-in-two-groups": (
        Provoked(
            """import torch
net = torch.nn.Linear(2, 1)
groups = [{"params": net.parameters()}, {"params": [net.bias], "lr": 0.01}]
optimizer = torch.optim.SGD(groups, lr=0.1)
""",
            cured=False,
        ),
    ),
    "scheduler-first": (
        Provoked("""import torch
w = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
for _ in range(2):
    optimizer.zero_grad()
    (w * w).sum().backward()
    scheduler.step()  # here
    optimizer.step()
"""),
    ),
    "nan-in-backward": (
        Provoked("""import torch
x = torch.tensor([0.0], requires_grad=True)
with torch.autograd.set_detect_anomaly(True):
    y = torch.sqrt(x)  # here
    (y * 0).sum().backward()
"""),
    ),
    "error-in-backward": (
        Provoked(
            """import torch
x = torch.tensor([0.0], requires_grad=True)
with torch.autograd.set_detect_anomaly(True):
    (x.sqrt() * 0).sum().backward()
""",
            cured=False,
        ),
    ),
    "custom-count": (
        Provoked("""import torch
class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor
    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.factor  # here
x = torch.ones(2, requires_grad=True)
Scale.apply(x, 3.0).sum().backward()
"""),
    ),
    "custom-shape": (
        Provoked(
            """import torch
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, grad):  # here
        return torch.ones(3)
x = torch.ones(2, requires_grad=True)
Double.apply(x).sum().backward()
""",
            cured=False,
        ),
    ),
    "custom-legacy": (
        Provoked("""import torch
class Double(torch.autograd.Function):
    def forward(ctx, x):  # here
        return x * 2
    def backward(ctx, grad):
        return grad * 2
x = torch.ones(2, requires_grad=True)
Double()(x).sum().backward()
"""),
    ),
    "custom-saved": (
        Provoked(
            """import torch
class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, n):
        ctx.save_for_backward(n)  # here
        return x * n
x = torch.ones(2, requires_grad=True)
Scale.apply(x, 3)
""",
            cured=False,
        ),
    ),
    "no-derivative": (
        Provoked(
            """import torch
a = torch.eye(2, requires_grad=True)
b, tau = torch.geqrf(a)
b.sum().backward()
""",
            cured=False,
        ),
    ),
    "grad-of-another-size": (
        Provoked(
            """import torch
w = torch.ones(2, requires_grad=True)
w.grad = torch.ones(3)
""",
            cured=False,
        ),
    ),
    "grad-of-another-dtype": (
        Provoked("""import torch
w = torch.ones(2, requires_grad=True)
w.grad = torch.ones(2, dtype=torch.float64)  # here
"""),
    ),
    "hook-changed-size": (
        Provoked(
            """import torch
x = torch.ones(2, requires_grad=True)
y = x * 2
y.register_hook(lambda grad: torch.ones(3))
y.sum().backward()
""",
            cured=False,
        ),
    ),
    "hook-returned": (
        Provoked(
            """import torch
x = torch.ones(2, requires_grad=True)
y = x * 2
y.register_hook(lambda grad: "half")
y.sum().backward()
""",
            cured=False,
        ),
    ),
    "deepcopy-of-non-leaf": (
        Provoked(
            """import copy, torch
x = torch.ones(2, requires_grad=True)
y = copy.deepcopy(x * 2)  # here
""",
        ),
    ),
    "graph-across-processes": (
        Provoked(
            """import torch
from torch.multiprocessing.reductions import reduce_tensor
x = torch.ones(2, requires_grad=True)
reduce_tensor(x * 2)
""",
            cured=False,
        ),
    ),
    "matrix-shapes": (
        Provoked(
            """import torch
torch.ones(4, 5) @ torch.ones(3, 2)
""",
            cured=False,
        ),
    ),
    "vector-shapes": (
        Provoked(
            """import torch
torch.ones(3, 4) @ torch.ones(3)  # here
""",
            cured=False,
        ),
    ),
    "matrix-dtypes": (
        Provoked(
            """import torch
torch.nn.Linear(2, 1)(torch.ones(3, 2, dtype=torch.float64))
""",
            cured=False,
        ),
    ),
    "shapes-do-not-broadcast": (
        Provoked(
            """import torch
torch.ones(3) + torch.ones(2)
""",
            cured=False,
        ),
    ),
    "loss-broadcast": (
        Provoked("""import torch
import torch.nn.functional as F
w = torch.ones(3, 1, requires_grad=True)
y = torch.ones(3)
loss = F.mse_loss(w * 2, y)  # here
loss.backward()
"""),
    ),
    "bce-of-logits": (
        Provoked("""import torch
from torch import nn
w = torch.tensor([2.0], requires_grad=True)
loss_fn = nn.BCELoss()  # here
loss_fn(w * 3, torch.ones(1)).backward()
"""),
    ),
    "target-out-of-bounds": (
        Provoked(
            """import torch
import torch.nn.functional as F
F.cross_entropy(torch.ones(1, 3), torch.tensor([3]))
""",
            cured=False,
        ),
    ),
    "batch-sizes": (
        Provoked(
            """import torch
import torch.nn.functional as F
F.cross_entropy(torch.ones(2, 3), torch.tensor([0, 1, 2]))
""",
            cured=False,
        ),
    ),
    "checkpoint-reentrant": (
        Provoked("""import torch
from torch.utils.checkpoint import checkpoint
x = torch.ones(2, requires_grad=True)
y = checkpoint(torch.exp, x)  # here
y.sum().backward()
"""),
    ),
    "checkpoint-without-grad": (
        Provoked("""import torch
from torch.utils.checkpoint import checkpoint
net = torch.nn.Linear(2, 1)
y = checkpoint(net, torch.ones(1, 2), use_reentrant=True)  # here
"""),
    ),
    "vmap-item": (
        Provoked(
            """import torch
torch.func.vmap(lambda x: x * x.item())(torch.ones(3))
""",
            cured=False,
        ),
    ),
    "func-scalar": (
        Provoked(
            """import torch
torch.func.grad(lambda x: x * 2)(torch.ones(3))
""",
            cured=False,
        ),
    ),
    "truth-of-many": (
        Provoked(
            """import torch
if torch.ones(2) > 0:
    print("positive")
""",
            cured=False,
        ),
    ),
    "module-not-initialised": (
        Provoked("""import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):  # here
        self.layer = nn.Linear(2, 1)
net = Net()
"""),
    ),
}

MESSAGES |= ERRORS | MORE_ERRORS
