# /// gradfn
# title = "f = (x + y) z"
# part = "classics"
# summary = "The circuit of Stanford's CS231n: a sum passes gradients on, a product swaps its inputs."
# ///
import torch

x = torch.tensor(-2.0, requires_grad=True)
y = torch.tensor(5.0, requires_grad=True)
z = torch.tensor(-4.0, requires_grad=True)

q = x + y
q.retain_grad()
f = q * z
f.backward()

print(f.item(), q.grad.item(), x.grad.item(), y.grad.item(), z.grad.item())
# prints -12.0 -4.0 -4.0 -4.0 3.0
