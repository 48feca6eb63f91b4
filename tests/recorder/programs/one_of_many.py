# Above max_values 0 everything but the empty is summarised, one element without std.
# options: {"max_values": 0}
import torch

one = torch.tensor([2.0], requires_grad=True)
none = torch.zeros(0)
y = one * 2
y.backward()
inf = torch.tensor(float("inf"))
