# tries: to build a graph that is larger than anybody draws
# must: a graph that is cut
# ends: finished
# control: no, a limit and not a right
import torch

y = torch.ones(1, requires_grad=True)
for _ in range(20_000):
    y = y + 1
