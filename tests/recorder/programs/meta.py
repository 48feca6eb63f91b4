# The meta device: shapes and a graph, no elements.
# not shown: w, y, net.weight, net.bias
import torch

w = torch.ones(2, 3, device="meta", requires_grad=True)
y = (w * 2).sum()
with torch.device("meta"):
    net = torch.nn.Linear(2, 2)
real = torch.ones(1)
