# /// gradfn
# title = "Gradient checkpointing"
# part = "models"
# summary = "Four stages keep nothing of their inside: the graph has one node for each, and backward runs them again."
# ///
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

torch.manual_seed(0)
stages = nn.ModuleList(
    nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.Linear(64, 16)) for _ in range(4)
)
x = torch.randn(8, 16, requires_grad=True)
y = x
for stage in stages:
    y = y + checkpoint(stage, y, use_reentrant=True)
loss = y.pow(2).mean()
loss.backward()
