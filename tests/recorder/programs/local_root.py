# The root of a pass dies with the function that made it; its graph is shown all the same.
import torch

w = torch.tensor([2.0], requires_grad=True)


def train(factor):
    loss = (w * factor).pow(2).sum()
    loss.backward()
    return loss.item()


history = [train(factor) for factor in (1.0, 2.0, 3.0)]
other = train(4.0)


def pull():
    return torch.autograd.grad(w.exp().log(), [w])[0]


g = pull()
