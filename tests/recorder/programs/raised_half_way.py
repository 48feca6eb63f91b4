# An exception half way: the graph so far is there.
import torch

w = torch.ones(2, 3, requires_grad=True)
x = torch.ones(2)
h = (w * 2).relu()


def forward(h):
    local = h + 1
    return local @ x


out = forward(h)
never = 1
