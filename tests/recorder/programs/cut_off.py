# no_grad, detach, inference and enable_grad: where a graph ends.
import torch

w = torch.ones(3, requires_grad=True)
z = w * 2
cut = z.detach()
with torch.no_grad():
    silent = z * 3
    with torch.enable_grad():
        loud = z * 4
restarted = cut.clone().requires_grad_() + 1
number = z.sum().item()
array = cut.numpy()
array[0] = 9.0
w.requires_grad_(False)
