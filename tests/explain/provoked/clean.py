"""Programs in the manner of PyTorch's tutorials. Nothing is wrong with them."""

CLEAN = {
    "a polynomial by hand": """import math
import torch
torch.manual_seed(0)
x = torch.linspace(-math.pi, math.pi, 200)
y = torch.sin(x)
a, b, c, d = (torch.randn((), requires_grad=True) for _ in range(4))
learning_rate = 1e-6
for t in range(50):
    y_pred = a + b * x + c * x ** 2 + d * x ** 3
    loss = (y_pred - y).pow(2).sum()
    if t % 10 == 9:
        print(t, loss.item())
    loss.backward()
    with torch.no_grad():
        a -= learning_rate * a.grad
        b -= learning_rate * b.grad
        c -= learning_rate * c.grad
        d -= learning_rate * d.grad
        a.grad = None
        b.grad = None
        c.grad = None
        d.grad = None
""",
    "a classifier with validation": """import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = nn.Sequential(
            nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 3)
        )
    def forward(self, x):
        return self.stack(x)
model = Net()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
X, y = torch.randn(64, 4), torch.randint(0, 3, (64,))
for epoch in range(3):
    model.train()
    running = 0.0
    for k in range(0, 64, 16):
        optimizer.zero_grad()
        loss = loss_fn(model(X[k : k + 16]), y[k : k + 16])
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        test_loss = 0
        pred = model(X)
        test_loss += loss_fn(pred, y).item()
        correct = (pred.argmax(1) == y).type(torch.float).sum().item()
    print(epoch, correct / 64)
""",
    "binary classification with a threshold": """import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(40, 2)
y = (x.sum(1) > 0).float()
net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
loss_fn = nn.BCELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
for _ in range(60):
    p = net(x).squeeze()
    loss = loss_fn(p, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    accuracy = ((p > 0.5) == y).float().mean().item()
print(accuracy > 0.5)
""",
    "gradients accumulated on purpose": """import torch
from torch import nn
torch.manual_seed(0)
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for i in range(8):
    loss = net(torch.randn(4, 3)).pow(2).mean() / 4
    loss.backward()
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
""",
    "two networks against each other": """import torch
from torch import nn
torch.manual_seed(0)
G = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
D = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
criterion = nn.BCEWithLogitsLoss()
optD = torch.optim.Adam(D.parameters(), lr=1e-3)
optG = torch.optim.Adam(G.parameters(), lr=1e-3)
for _ in range(3):
    real, noise = torch.randn(16, 2) + 3, torch.randn(16, 2)
    D.zero_grad()
    errD_real = criterion(D(real), torch.ones(16, 1))
    errD_real.backward()
    fake = G(noise)
    errD_fake = criterion(D(fake.detach()), torch.zeros(16, 1))
    errD_fake.backward()
    optD.step()
    G.zero_grad()
    errG = criterion(D(fake), torch.ones(16, 1))
    errG.backward()
    optG.step()
    print(errD_real.item() + errD_fake.item() > 0)
""",
    "a recurrent net over time": """import torch
from torch import nn
torch.manual_seed(0)
rnn = nn.RNN(1, 8, batch_first=True)
head = nn.Linear(8, 1)
params = list(rnn.parameters()) + list(head.parameters())
optimizer = torch.optim.Adam(params, lr=1e-2)
hidden = None
for _ in range(3):
    x = torch.randn(1, 10, 1)
    out, hidden = rnn(x, hidden)
    hidden = hidden.data
    loss = nn.functional.mse_loss(head(out), x)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    optimizer.step()
""",
    "fine-tuning": """import torch
from torch import nn
torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU())
for parameter in backbone.parameters():
    parameter.requires_grad = False
backbone.eval()
head = nn.Linear(8, 2)
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
for _ in range(3):
    loss = nn.functional.cross_entropy(head(backbone(torch.randn(6, 4))), torch.randint(2, (6,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "policy gradient": """import torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2), nn.Softmax(dim=-1))
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
for episode in range(2):
    log_probs, rewards = [], []
    for t in range(4):
        m = Categorical(policy(torch.randn(1, 4)))
        action = m.sample()
        log_probs.append(m.log_prob(action))
        rewards.append(1.0 if action.item() == 0 else 0.0)
    returns = torch.tensor(rewards)
    returns = (returns - returns.mean()) / (returns.std() + 1e-6)
    loss = torch.cat([-p * r for p, r in zip(log_probs, returns)]).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "attention with a mask": """import torch
import torch.nn.functional as F
torch.manual_seed(0)
q = torch.randn(1, 4, 8, requires_grad=True)
k, v = torch.randn(1, 4, 8), torch.randn(1, 4, 8)
mask = torch.triu(torch.ones(4, 4), 1).bool()
scores = (q @ k.transpose(1, 2) / 8 ** 0.5).masked_fill(mask, float("-inf"))
out = torch.softmax(scores, dim=-1) @ v
loss = (out ** 2).mean()
loss.backward()
""",
    "style of the neural net from scratch": """import torch
torch.manual_seed(0)
x_train, y_train = torch.randn(64, 5), torch.randint(0, 3, (64,))
weights = torch.randn(5, 3) / 5 ** 0.5
weights.requires_grad_()
bias = torch.zeros(3, requires_grad=True)
def log_softmax(x):
    return x - x.exp().sum(-1).log().unsqueeze(-1)
def model(xb):
    return log_softmax(xb @ weights + bias)
def nll(input, target):
    return -input[range(target.shape[0]), target].mean()
def accuracy(out, yb):
    return (torch.argmax(out, dim=1) == yb).float().mean()
print(nll(model(x_train), y_train) > 0)
for epoch in range(2):
    for i in range(4):
        xb, yb = x_train[i * 16 : i * 16 + 16], y_train[i * 16 : i * 16 + 16]
        pred = model(xb)
        loss = nll(pred, yb)
        loss.backward()
        with torch.no_grad():
            weights -= weights.grad * 0.5
            bias -= bias.grad * 0.5
            weights.grad.zero_()
            bias.grad.zero_()
print(accuracy(model(x_train), y_train))
""",
    "an autoencoder with a penalty": """import torch
from torch import nn
torch.manual_seed(0)
encoder, decoder = nn.Linear(6, 2), nn.Linear(2, 6)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-2)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.5)
x = torch.randn(20, 6)
losses = []
for _ in range(4):
    code = torch.relu(encoder(x))
    penalty = code.abs().mean()
    loss = nn.functional.mse_loss(decoder(code), x) + 1e-3 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    losses.append(loss.item())
best = min(losses)
""",
    "a second derivative": """import torch
x = torch.linspace(0, 1, 5, requires_grad=True)
y = (x ** 3).sum()
first, = torch.autograd.grad(y, x, create_graph=True)
second, = torch.autograd.grad(first.sum(), x)
print(second)
""",
    "a convolution net": """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)
        self.fc = nn.Linear(3 * 3 * 3, 4)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = torch.flatten(x, 1)
        return F.log_softmax(self.fc(x), dim=1)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(2):
    optimizer.zero_grad()
    loss = F.nll_loss(net(torch.randn(4, 1, 8, 8)), torch.tensor([0, 1, 2, 3]))
    loss.backward()
    optimizer.step()
    print(round(loss.item(), 1) > 0)
""",
}
