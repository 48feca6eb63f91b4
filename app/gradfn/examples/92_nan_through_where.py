# /// gradfn
# title = "NaN through where"
# part = "classics"
# summary = "torch.where picks values, not derivatives: 0 times the infinite slope of sqrt at 0 is NaN."
# ///
import torch

x = torch.tensor([0.0, 4.0], requires_grad=True)
y = torch.where(x > 0, x.sqrt(), torch.zeros_like(x))
y.sum().backward()

print(y.tolist(), x.grad.tolist())
# prints [0.0, 2.0] [nan, 0.25]

safe = torch.where(x > 0, x, torch.ones_like(x))
z = torch.where(x > 0, safe.sqrt(), torch.zeros_like(x))
[grad] = torch.autograd.grad(z.sum(), x)
print(z.tolist(), grad.tolist())
# prints [0.0, 2.0] [0.0, 0.25]
