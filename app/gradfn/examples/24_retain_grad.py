# /// gradfn
# title = "retain_grad()"
# part = "2.2"
# summary = "The same, asking a to keep the gradient that passes through it."
# ///
import torch

w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)

a = torch.add(w, x)
a.retain_grad()
b = torch.add(w, 1)
y = torch.mul(a, b)  # y = (x + w) * (w + 1)

y.backward()

print(w.grad, x.grad, a.grad)
# prints tensor([5.]) tensor([2.]) tensor([2.])
