# Views that autograd no longer gives a history, because of what was changed in place.
# not shown: first, rest[0], rest[1], early
import torch

x = torch.ones(3, requires_grad=True) * 1
first, *rest = x.unbind(0)
x.add_(1)
z = torch.ones(3, requires_grad=True) * 1
with torch.no_grad():
    early = z[:2]
z.mul_(2)
after = z.sum()
