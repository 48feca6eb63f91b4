# retain_graph and retain_grad: a second pass doubles the gradients.
import torch

w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)
a = torch.add(x, w)
a.retain_grad()
b = torch.add(w, 1)
y = torch.mul(a, b)
y.backward(retain_graph=True)
y.backward()
frozen = torch.nn.Parameter(torch.ones(1), requires_grad=False)
z = (a.detach() * frozen).requires_grad_()
