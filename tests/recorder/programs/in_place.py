# In-place chains: one tensor, a new grad_fn at each step, the version counting.
import torch

w = torch.tensor([1.0, 4.0], requires_grad=True)
a = w + 1
a.mul_(3).add_(w).sqrt_()
a += w
a[0] = w[1] * 2
a.clamp_(max=3)
b = torch.zeros(2)
b.copy_(a)
b.index_put_((torch.tensor([0]),), w[:1])
with torch.no_grad():
    w.sub_(0.1)
w.data.add_(1)
