# /// gradfn
# title = "Gradient penalty"
# part = "models"
# summary = "A gradient in the loss: backward goes through a graph that backward itself has made."
# ///
import torch
from torch import nn

torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))
points = torch.randn(8, 2, requires_grad=True)

[slopes] = torch.autograd.grad(critic(points).sum(), points, create_graph=True)
penalty = (slopes.norm(dim=1) - 1).pow(2).mean()
penalty.backward()
