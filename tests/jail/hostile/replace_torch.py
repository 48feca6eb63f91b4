# tries: to replace what the walk reads
# must: a run like others, or a crash of this run only
# ends: finished | crashed crash
# control: no, it harms only itself
import torch

x = torch.ones(2, requires_grad=True)
y = (x * 2).sum()
for name in ("is_tensor", "Tensor", "no_grad", "ones", "float32"):
    setattr(torch, name, None)
torch.autograd.graph = None
