# Warnings that the program draws itself come once, reading adds none.
import torch

w = torch.ones(1, requires_grad=True)
y = w * 2
unread = y.sin()
y.grad
z = torch.tensor(w)
