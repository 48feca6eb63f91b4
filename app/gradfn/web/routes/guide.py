"""The guide: five chapters, each a template, with programs that run in the page."""

from dataclasses import dataclass

from gradfn.examples import EXAMPLES

PROGRAMS = {example.slug: example.code for example in EXAMPLES} | {
    "in-place": """\
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()""",
    "where": """\
import torch

x = torch.tensor([0.0, 1.0], requires_grad=True)
y = torch.where(x > 0, torch.log(x), torch.zeros(2))
y.sum().backward()
print(x.grad)""",
    "rows": """\
import torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
y = torch.stack([x[0] * x[1], x[0] + x[1]])
for v in torch.eye(2):
    print(torch.autograd.grad(y, x, v, retain_graph=True))
print(torch.func.jacrev(lambda x: torch.stack([x[0] * x[1], x[0] + x[1]]))(x.detach()))""",
    "vanishing": """\
import torch

x = torch.tensor([1.0], requires_grad=True)
y = x
for _ in range(20):
    y = torch.sigmoid(y)
y.backward()
print(x.grad)""",
    "custom": """\
import torch

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 3 * x ** 2

x = torch.tensor([2.0], requires_grad=True)
Cube.apply(x).backward()
print(x.grad)""",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter; `short` is what a link to it says."""

    slug: str
    short: str
    title: str

    @property
    def template(self) -> str:
        """Its template below `templates/`."""
        return f"guide/{self.slug.replace('-', '_')}.html"


CHAPTERS = (
    Chapter("gradients", "Gradients", "What a gradient is and how to compute it"),
    Chapter("notes", "Four facts", "Four facts that explain most surprises"),
    Chapter("using", "Using them", "Using gradients: from a line to a classifier"),
    Chapter("jacobian", "vᵀ·J", "Many outputs: the Jacobian product"),
    Chapter("back-propagation", "Backpropagation", "Backpropagation by hand and by autograd"),
)
