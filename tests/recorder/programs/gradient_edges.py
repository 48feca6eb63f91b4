# Backward from a GradientEdge, not from a tensor.
import torch
from torch.autograd.graph import get_gradient_edge

x = torch.ones(2, requires_grad=True)
y = (x * 2).sin()
edge = get_gradient_edge(y)
del y
torch.autograd.backward([edge], [torch.ones(2)])
(g,) = torch.autograd.grad(get_gradient_edge((x * 3).sum()), x)
