# Tensors that escaped from the transform they belong to.
# not shown: leaked[0], leaked[1], leaked[2], leaked[3]
import torch

leaked = []


def keep(t):
    leaked.extend([t, t * 2])
    return (t * t).sum()


x = torch.tensor([1.0, 2.0], requires_grad=True)
g = torch.func.grad(keep)(x)
v = torch.func.vmap(keep)(x.detach().reshape(2, 1))
