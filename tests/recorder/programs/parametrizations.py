# Weight norm, spectral norm, pruning, a parametrization of one's own; frozen parameters.
import torch
import torch.nn as nn
from torch.nn.utils import parametrizations, parametrize, prune

torch.manual_seed(0)


class Symmetric(nn.Module):
    def forward(self, w):
        return w.triu() + w.triu(1).T


normed = parametrizations.weight_norm(nn.Linear(2, 2))
spectral = parametrizations.spectral_norm(nn.Linear(2, 2))
symmetric = nn.Linear(2, 2)
parametrize.register_parametrization(symmetric, "weight", Symmetric())
pruned = prune.random_unstructured(nn.Linear(2, 2), "weight", 0.5)
frozen = nn.Linear(2, 2).requires_grad_(False)
y = frozen(pruned(symmetric(spectral(normed(torch.ones(2))))))
y.sum().backward()
