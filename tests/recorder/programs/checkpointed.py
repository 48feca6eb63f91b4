# Checkpoints, with and without a pass within the pass.
import torch
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

torch.manual_seed(0)
w = torch.ones(2, requires_grad=True)
block = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh())
a = checkpoint(lambda t: (t * w).sin(), w * 2, use_reentrant=False)
b = checkpoint(lambda t: (t * w).cos(), w * 3, use_reentrant=True)
c = checkpoint_sequential(block, 2, w, use_reentrant=False)
loss = (a + b + c).sum()
loss.backward()
