# /// gradfn
# title = "Mixture of experts"
# part = "models"
# summary = "Four experts, and a gate that is learned by what each of them was worth."
# ///
import torch
from torch import nn

torch.manual_seed(0)


class Mixture(nn.Module):
    def __init__(self, width=16, experts=4):
        super().__init__()
        self.gate = nn.Linear(width, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, width))
            for _ in range(experts)
        )

    def forward(self, x):
        weights = self.gate(x).softmax(-1)
        answers = torch.stack([expert(x) for expert in self.experts], -1)
        return (answers * weights[:, None, :]).sum(-1)


net = Mixture()
x, target = torch.randn(8, 16), torch.randn(8, 16)
loss = (net(x) - target).pow(2).mean()
loss.backward()
