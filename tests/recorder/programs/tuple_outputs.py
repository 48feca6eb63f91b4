# Operations with several outputs, each tensor on its own output_nr.
import torch

x = torch.arange(12.0).reshape(3, 4).requires_grad_()
first, second, third = x.unbind(0)
left, right = torch.split(x, 2, dim=1)
values, indices = x.max(dim=1)
largest = torch.topk(x, 2)
ordered, _ = x.sort(descending=True)
chunks = x.chunk(2, dim=0)
mean = torch.var_mean(x)
total = first.sum() + right.sum() + largest.values.sum() + chunks[1].sum()
