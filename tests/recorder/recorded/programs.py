"""Programs whose nodes come about in every way that one line of Python can make them.

Each ends with a tensor `loss`, and none runs a backward pass over it.
"""

LEAVES = """
import torch
x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0], requires_grad=True)
"""

PROGRAMS = {
    "one line": "y = (2 * x * w + 5).sum()\nloss = y * y",
    "lines of one expression": """
y = (
    x.exp()
    * w.sin()
    + torch.add(
        x,
        w,
    )
)
loss = (y
    .cos()
    .sum())
""",
    "comprehensions": """
parts = [v * 2 for v in (x, w) for _ in range(2)]
named = {i: v.exp() for i, v in enumerate(parts)}
loss = torch.stack([v.sum() for v in named.values()]).sum()
""",
    "a generator consumed by C": """
def squares(values):
    for v in values:
        yield v * v
        yield v + 1
loss = sum(squares([x, w])).sum() + sum(v.sum() for v in (x, w))
""",
    "map, lambda and a default": """
double = lambda v, k=3: (v * k).sum()
loss = sum(map(double, [x, w])) + max([x.sum(), w.sum()], key=lambda t: -t)
""",
    "functions in functions": """
def outer(a):
    def inner(b):
        return b.tanh() + a
    return inner(a * 2) - inner(a)
loss = (outer(x) * outer(w)).sum()
""",
    "recursion on both sides of an operator": """
def f(n, a):
    if n == 0:
        return a * 2
    return f(n - 1, a) * f(n - 1, a + 1)
loss = f(3, x).sum()
""",
    "methods and properties": """
class Model:
    def __init__(self, a):
        self.a = a
    @property
    def doubled(self):
        return self.a * 2
    def __call__(self, b):
        return self.doubled @ b
    def __getitem__(self, i):
        return self.a[i]
m = Model(x)
loss = m(w) + m[0] * m.doubled.sum()
""",
    "a module used twice": """
import torch.nn as nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
h = net(x)
loss = net(h).sum()
""",
    "a module of one's own": """
import torch.nn as nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.second = nn.Linear(3, 1)
    def forward(self, a):
        a = F.relu(
            self.first(a)
        )
        return self.second(a)
torch.manual_seed(0)
net = Net()
loss = F.mse_loss(net(x), torch.ones(1))
""",
    "a custom Function": """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a * a
    @staticmethod
    def backward(ctx, g):
        a, = ctx.saved_tensors
        return 2 * a * g
loss = (Square.apply(x) + Square.apply(w)).sum()
""",
    "checkpointing": """
from torch.utils.checkpoint import checkpoint
def block(a):
    b = a.sin()
    return b * w
first = checkpoint(block, x, use_reentrant=False)
loss = first.sum() + checkpoint(block, x, use_reentrant=True).sum()
""",
    "in place, and views": """
y = x * 2
y[0] = 5
y.mul_(w)
y += x
v = y.view(2, 1)
v[1, 0] *= 3
loss = y.t().sum()
""",
    "assignment of every kind": """
a, b = x.unbind()
(c, *rest), d = [x * 2, w * 2], x + w
e = f = d * c
if (g := e.sum()) > 0:
    g = g + f.sum()
loss = g + a * b + rest[0].sum()
""",
    "a loop over a tensor": """
total = 0
for row in torch.stack([x, w]):
    total = total + row.prod()
i = 0
while i < 2:
    total = total * x[i]
    i += 1
else:
    total = total + 1
loss = total
""",
    "torch.func": """
from torch.func import grad, vmap, vjp
def f(a):
    return (a * a).sum()
g = vmap(lambda a: a * 2)(x)
out, back = vjp(f, w)
loss = (g + vmap(grad(f))(torch.stack([x, w])).sum(0)).sum()
""",
    "a graph of gradients": """
y = (x ** 3).sum()
g, = torch.autograd.grad(y, x, create_graph=True)
loss = (g * w).sum()
""",
    "try, with and finally": """
try:
    y = x * 2
    raise ValueError(y.sum().item())
except ValueError as error:
    y = y + 1
finally:
    y = y * w
with torch.enable_grad() as mode, torch.autograd.graph.save_on_cpu():
    y = y.exp()
loss = y.sum()
""",
    "a match": """
match [x, w]:
    case [a, b] if (a * b).sum() > 0:
        y = a - b
loss = (y * y).sum()
""",
    "a decorator": """
def twice(f):
    def run(*args):
        return f(*args) + f(*args)
    return run
@twice
def g(a, b):
    return a * b
loss = g(x, w).sum()
""",
    "generators that hand over to others": """
def inner(a):
    yield a * 2
    got = yield a.exp()
    return a.sin() + (0 if got is None else got)
def outer(a):
    r = yield from inner(a * 3)
    yield r * r
loss = sum(t.sum() for t in outer(x)) + sum(outer(w)).sum()
g = outer(w)
loss = loss + (next(g) * g.send(None) * g.send(x)).sum()
""",
    "the body of a class": """
from dataclasses import dataclass, field
@dataclass
class D:
    a: torch.Tensor
    b: torch.Tensor = field(default_factory=lambda: x * 7)
    c = [v * 2 for v in (x, w)]
    c[0] *= w
    if c:
        d = c[0] + 1
        d += 1
    def __post_init__(self, k=x * 5):
        self.e = self.a * self.b - k
loss = (D(w).e + D.d + D.c[1]).sum()
""",
    "the body of a class whose namespace answers for names it has not": """
class Namespace(dict):
    def __missing__(self, name):
        asked.append(name)
        if name == "made_up":
            return x * 3
        raise KeyError(name)
class Meta(type):
    @classmethod
    def __prepare__(cls, name, bases):
        return Namespace()
asked = []
class A(metaclass=Meta):
    "Documented."
    a = made_up * 2
    a += 1
    for i in range(2):
        a = a + i
    if (b := a.sum()) > 0:
        class B:
            c = x * 4
    with torch.enable_grad() as mode:
        d = [v * 2 for v in (a, b)]
assert not [name for name in asked if "gradfn" in name] and A.__doc__ == "Documented."
loss = A.a.sum() + A.B.c.sum() + A.d[1]
""",
    "several statements on a line": "a = x * 2; b = w * 3; loss = (a * b).sum() + (a - b).sum()",
    "an expression that failed half-way": """
def bad():
    raise KeyError
for v in (x, w):
    try:
        y = (v * 2) + bad()
    except KeyError:
        y = v * 3
loss = y.sum() + x.sum()
""",
    "a star": """
y = torch.cat([*[x, w], *(v * 2 for v in (x, w))])
loss = y.sum() + torch.einsum(*("i,i->", x, w))
""",
    "async": """
async def work(a):
    return a * 2
coroutine = work(x)
try:
    coroutine.send(None)
except StopIteration as stop:
    y = stop.value
loss = (y * w).sum()
""",
    "a recurrent net": """
torch.manual_seed(0)
lstm = torch.nn.LSTM(2, 3)
out, (h, c) = lstm(torch.stack([x, w]))
loss = out.sum() + h.sum()
""",
}
