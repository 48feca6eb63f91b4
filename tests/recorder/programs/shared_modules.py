# One layer used twice, one weight owned by two modules.
import torch
import torch.nn as nn

torch.manual_seed(0)


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(5, 3)
        self.out = nn.Linear(3, 5, bias=False)
        self.out.weight = self.embed.weight
        self.again = self.out

    def forward(self, ids):
        return self.again(self.out(self.embed(ids)) @ self.embed.weight)


net = Tied()
score = net(torch.tensor([1, 2]))
score.logsumexp(1).mean().backward()
