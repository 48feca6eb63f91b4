# /// gradfn
# title = "A penalty on a slope"
# part = "classics"
# summary = "A gradient as part of the loss, small enough to do by hand: create_graph=True."
# ///
import torch

w = torch.tensor(2.0, requires_grad=True)
x = torch.tensor(3.0, requires_grad=True)

y = w * x**2
[slope] = torch.autograd.grad(y, x, create_graph=True)  # 2 w x
penalty = (slope - 1) ** 2
penalty.backward()

# d/dw (2 w x - 1)² = 2 (2 w x - 1) 2 x = 2 · 11 · 6
print(slope.item(), penalty.item(), w.grad.item())
# prints 12.0 121.0 132.0
