# torch itself, patched.
# cure: torch.Tensor.__repr__ = was; [delattr(torch.Tensor, name) for name in PATCHED]; torch.isfinite = finite
import torch

w = torch.linspace(-1, 1, 300, requires_grad=True)
v = torch.ones(2, requires_grad=True)
y = (w * 2).sum() + v.sum()
y.backward()
was, finite = torch.Tensor.__repr__, torch.isfinite
PATCHED = "grad grad_fn requires_grad is_leaf shape dtype tolist numel double _version".split()
for name in PATCHED:
    setattr(torch.Tensor, name, property(lambda self: 1 / 0))
torch.Tensor.__repr__ = lambda self: 1 / 0
torch.isfinite = None
