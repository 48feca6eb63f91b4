# The gradient has a graph of its own, and so has its gradient.
import torch

x = torch.tensor([3.0], requires_grad=True)
y = torch.pow(x, 3)
(dy,) = torch.autograd.grad(y, x, create_graph=True)
(d2y,) = torch.autograd.grad(dy, x, create_graph=True)
d2y.backward()
