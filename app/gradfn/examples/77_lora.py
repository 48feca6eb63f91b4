# /// gradfn
# title = "LoRA"
# part = "models"
# summary = "The large layers are frozen and have no way to a gradient; two thin ones beside each of them learn."
# ///
import torch
from torch import nn

torch.manual_seed(0)


class LoRA(nn.Module):
    def __init__(self, frozen, rank=4):
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(rank, frozen.in_features) / rank)
        self.b = nn.Parameter(torch.zeros(frozen.out_features, rank))

    def forward(self, x):
        return self.frozen(x) + x @ self.a.T @ self.b.T


net = nn.Sequential(
    LoRA(nn.Linear(16, 32)), nn.ReLU(), LoRA(nn.Linear(32, 32)), nn.ReLU(), LoRA(nn.Linear(32, 4))
)
x, labels = torch.randn(8, 16), torch.randint(4, (8,))
loss = nn.functional.cross_entropy(net(x), labels)
loss.backward()
