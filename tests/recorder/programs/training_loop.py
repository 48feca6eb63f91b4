# A loop: of every pass on one line the latest counts.
import torch

torch.manual_seed(1)
x, w = torch.rand(5), torch.zeros(1, requires_grad=True)
for step in range(20):
    loss = (x * w - x * 3).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.5 * w.grad
    w.grad = None
del loss
