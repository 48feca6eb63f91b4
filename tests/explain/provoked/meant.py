"""Programs that look like a mistake and make none: each is what somebody means to do."""

HEAD = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
"""

MEANT = {
    "a function makes the steps": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2)
def advance(*parts):
    for each in parts:
        each.step()
for _ in range(3):
    optimizer.zero_grad()
    net(torch.randn(4, 3)).pow(2).mean().backward()
    advance(optimizer, scheduler)
""",
    "gradients are read and nothing is to be trained": """
net = nn.Linear(3, 1)
for _ in range(3):
    net.zero_grad()
    net(torch.randn(4, 3)).pow(2).mean().backward()
    print(net.weight.grad.norm().item())
""",
    "the learning rate warms up from 0": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 3)
for _ in range(4):
    optimizer.zero_grad()
    net(torch.randn(4, 3)).pow(2).mean().backward()
    optimizer.step()
    scheduler.step()
""",
    "a scaler makes the steps": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
for _ in range(3):
    optimizer.zero_grad()
    scaler.scale(net(torch.randn(4, 3)).pow(2).mean()).backward()
    scaler.step(optimizer)
    scaler.update()
""",
    "a group has an entry of the program's own": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD([{"params": net.parameters(), "label": "all"}], lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    net(torch.randn(4, 3)).pow(2).mean().backward()
    optimizer.step()
print(optimizer.param_groups[0]["label"])
""",
    "a custom backward gives a sparse gradient": """
class Rows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, table, rows):
        ctx.shape, ctx.rows = table.shape, rows
        return table[rows]
    @staticmethod
    def backward(ctx, grad):
        return torch.zeros(ctx.shape).index_add(0, ctx.rows, grad).to_sparse(), None
table = torch.randn(4, 2, requires_grad=True)
Rows.apply(table, torch.tensor([1, 3])).sum().backward()
print(table.grad.to_dense())
""",
    "the loss becomes a number after its pass": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
def train():
    for _ in range(3):
        loss = net(torch.randn(4, 3)).pow(2).mean()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        loss, shown = loss.item(), True
    return loss
loss = train()
""",
    "a function gives back the number of its loss": """
net = nn.RNNCell(3, 4)
def train(hidden):
    net.zero_grad()
    for _ in range(3):
        hidden = net(torch.randn(1, 3), hidden)
    loss = hidden.pow(2).mean()
    loss.backward()
    for parameter in net.parameters():
        parameter.data.add_(parameter.grad.data, alpha=-0.01)
    return hidden, loss.item()
for _ in range(2):
    hidden, loss = train(torch.zeros(1, 4))
""",
    "another last layer for what comes next": """
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
net(torch.randn(2, 3)).sum().backward()
for parameter in net.parameters():
    parameter.requires_grad = False
net[2] = nn.Linear(4, 2)
""",
    "the gradient of an image, of a net in eval mode": """
net = nn.Sequential(nn.Linear(3, 4), nn.Dropout(), nn.Linear(4, 2))
net.eval()
for _ in range(2):
    image = torch.rand(1, 3, requires_grad=True)
    loss = F.cross_entropy(net(image), torch.tensor([1]))
    net.zero_grad()
    loss.backward()
    image = (image + 0.1 * image.grad.sign()).detach()
""",
    "an input is optimised, not the net": """
net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).eval()
x = torch.zeros(1, 3, requires_grad=True)
optimizer = torch.optim.Adam([x], lr=0.1)
for _ in range(3):
    optimizer.zero_grad()
    (-net(x)[0, 1]).backward()
    optimizer.step()
""",
    "argmin chooses from a codebook": """
codebook = torch.randn(8, 4, requires_grad=True)
x = torch.randn(6, 4, requires_grad=True)
nearest = torch.cdist(x, codebook).argmin(1)
chosen = codebook[nearest]
loss = ((x - chosen.detach()) ** 2).mean() + ((x.detach() - chosen) ** 2).mean()
loss.backward()
""",
    "every point against every centre": """
x = torch.linspace(-1, 1, 6)
centres = torch.linspace(-1, 1, 6).clone().requires_grad_()
bumps = torch.exp(-((x[:, None] - centres) ** 2))
loss = (bumps.sum(1) - torch.sin(x)).pow(2).mean()
loss.backward()
""",
    "a table of costs": """
a = torch.rand(5, requires_grad=True)
column = a.reshape(5, 1)
b = torch.rand(5)
cost = (column - b) ** 2
plan = torch.softmax(-cost / 0.1, dim=1)
(plan * cost).sum().backward()
""",
    "a score is made as large as can be": """
x = torch.tensor([0.1], requires_grad=True)
optimizer = torch.optim.SGD([x], lr=0.5, maximize=True)
for _ in range(10):
    optimizer.zero_grad()
    score = (5 * x - x ** 2 / 10).sum()
    score.backward()
    optimizer.step()
""",
    "a score is climbed by hand": """
x = torch.tensor([0.1], requires_grad=True)
for _ in range(10):
    score = (5 * x - x ** 2 / 10).sum()
    score.backward()
    with torch.no_grad():
        x += 0.5 * x.grad
    x.grad = None
""",
    "a part stays in eval mode while the rest is trained": """
body = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
net = nn.Sequential(body, nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(3):
    net.train()
    body.eval()
    optimizer.zero_grad()
    net(torch.randn(8, 3)).pow(2).mean().backward()
    optimizer.step()
""",
    "a hinge loss with nothing left to learn": """
embed = nn.Linear(2, 2)
near, far = embed(torch.zeros(6, 2)), embed(100 * torch.ones(6, 2))
loss = F.relu(near.pow(2).sum(1) - far.pow(2).sum(1) + 1).mean()
loss.backward()
""",
    "gradients shown before there are any": """
w = torch.ones(2, requires_grad=True)
print(w.grad)
(w * 2).sum().backward()
print(w.grad)
w.grad = None
print(w.grad)
""",
    "kept tensors are read after the pass": """
x = torch.ones(2, requires_grad=True)
y = x.exp()
y.sum().backward(retain_graph=True)
print(y.grad_fn._saved_result)
""",
    "gradients switched off and on by calls that take effect at once": """
w = torch.ones(2, requires_grad=True)
torch.set_grad_enabled(False)
w.mul_(2)
torch.set_grad_enabled(True)
mode = torch.no_grad()
with mode:
    w.add_(1)
(w * w).sum().backward()
""",
    "clipped before the step": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(3):
    optimizer.zero_grad()
    net(torch.randn(4, 3)).pow(2).mean().backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
""",
    "scaled, unscaled, clipped": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
scaler = torch.amp.GradScaler("cpu")
for _ in range(3):
    optimizer.zero_grad()
    scaler.scale(net(torch.randn(4, 3)).pow(2).mean()).backward()
    scaler.unscale_(optimizer)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    scaler.step(optimizer)
    scaler.update()
""",
    "a parameter converted before it becomes one": """
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.ones(3).double())
    def forward(self, x):
        return x * self.factor
net = Scale()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.ones(2, 3).double()).sum().backward()
optimizer.step()
""",
    "one of a list of tensors requires grad": """
layers = [torch.ones(2), torch.ones(2)]
layers[1].requires_grad = True
(layers[0] * layers[1]).sum().backward()
""",
    "a frozen body in eval mode": """
body = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)).requires_grad_(False).eval()
head = nn.Linear(4, 1)
head(body(torch.randn(8, 3))).sum().backward()
""",
    "a body that was trained and then frozen": """
body, head = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)), nn.Linear(4, 1)
head(body(torch.randn(8, 3))).sum().backward()
body.requires_grad_(False).eval()
head.zero_grad()
head(body(torch.randn(8, 3))).sum().backward()
""",
    "forward() called where nobody has a hook": """
net = nn.Linear(2, 1)
net.forward(torch.ones(1, 2)).sum().backward()
""",
    "a copy for a target": """
from copy import deepcopy
net = nn.Linear(3, 1)
target = deepcopy(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(4, 3)
optimizer.zero_grad()
(net(x) - target(x).detach() - 1).pow(2).mean().backward()
optimizer.step()
""",
    "a short name for a network": """
model = nn.Linear(3, 1)
net = model
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.randn(4, 3)).pow(2).mean().backward()
optimizer.step()
""",
    "a leaf gets its flag and its gradient": """
x = torch.tensor(3.0)
x.requires_grad = True
x.backward()
""",
    "a gradient that is data: an adversarial image": """
net = nn.Linear(3, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
image, label = torch.rand(1, 3, requires_grad=True), torch.tensor([1])
slope, = torch.autograd.grad(F.cross_entropy(net(image), label), image)
worse = (image + 0.1 * slope.sign()).detach()
optimizer.zero_grad()
loss = F.cross_entropy(net(image.detach()), label) + F.cross_entropy(net(worse), label)
loss.backward()
optimizer.step()
""",
    "losses collected for one backward pass": """
net = nn.Linear(3, 1)
losses = []
for _ in range(3):
    loss = net(torch.randn(4, 3)).pow(2).mean()
    losses.append(loss)
sum(losses).backward()
""",
    "a closure that clears": """
w = torch.zeros(2, requires_grad=True)
optimizer = torch.optim.LBFGS([w], max_iter=4)
def closure():
    optimizer.zero_grad()
    loss = ((w - 3) ** 4).sum()
    loss.backward()
    return loss
for _ in range(2):
    optimizer.step(closure)
""",
    "a second part of an attention is only looked at": """
net = nn.Linear(3, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
def attend(x):
    weights = F.softmax(net(x), dim=-1)
    return weights * x, weights.data.numpy()
for _ in range(2):
    out, shown = attend(torch.randn(2, 3))
    loss = out.pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    print(attend(torch.randn(2, 3))[1].shape)
out, shown = attend(torch.randn(2, 3))
print(shown.shape)
""",
    "samples drawn after the last backward pass": """
net = nn.Linear(3, 4)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
def guess(x):
    return torch.multinomial(F.softmax(net(x), dim=-1), 1)
for _ in range(2):
    loss = F.cross_entropy(net(torch.randn(2, 3)), torch.tensor([0, 1]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
x = torch.randn(2, 3)
for _ in range(2):
    x = torch.cat([x[:, 1:], guess(x)], dim=1)
""",
    "a name bound anew after the pass": """
x = torch.ones(3, requires_grad=True)
(x * 2).sum().backward()
print(x.grad)
x = torch.zeros(3)
""",
    "a bias before BatchNorm has no gradient but rounding": """
net = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(4):
    optimizer.zero_grad()
    F.mse_loss(net(torch.randn(8, 2)), torch.randn(8, 1)).backward()
    optimizer.step()
""",
    "random masks show how sure a network is": """
net = nn.Sequential(nn.Linear(2, 8), nn.Dropout(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(8, 2), torch.randn(8, 1)
for _ in range(3):
    optimizer.zero_grad()
    F.mse_loss(net(x), y).backward()
    optimizer.step()
with torch.no_grad():
    samples = torch.stack([net(x) for _ in range(20)])
    for _ in range(3):
        samples = samples + net(x)
print(samples.std(0).shape)
""",
    "a network with Dropout is looked at before it is trained": """
net = nn.Sequential(nn.Linear(2, 8), nn.Dropout(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn(8, 2), torch.randn(8, 1)
with torch.no_grad():
    print(net(x).shape)
for _ in range(3):
    optimizer.zero_grad()
    F.mse_loss(net(x), y).backward()
    optimizer.step()
""",
    "sums over small batches are a sum over all": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.001)
for i in range(8):
    F.mse_loss(net(torch.randn(4, 3)), torch.randn(4, 1), reduction="sum").backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
""",
    "the learning rate is divided by the number of batches": """
net = nn.Linear(3, 1)
batches = 4
optimizer = torch.optim.SGD(net.parameters(), lr=0.1 / batches)
for i in range(8):
    net(torch.randn(4, 3)).pow(2).mean().backward()
    if (i + 1) % batches == 0:
        optimizer.step()
        optimizer.zero_grad()
""",
    "a scheduler's step every few steps": """
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1)
for i in range(6):
    optimizer.zero_grad()
    net(torch.randn(4, 3)).pow(2).mean().backward()
    optimizer.step()
    if i % 2 == 1:
        scheduler.step()
""",
}
