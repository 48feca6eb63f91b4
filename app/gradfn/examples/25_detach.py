# /// gradfn
# title = "detach()"
# part = "2.3"
# summary = "The same numbers, cut off from the graph that made them."
# ///
import torch

x = torch.ones(5)
w = torch.randn(5, 3, requires_grad=True)
b = torch.randn(3, requires_grad=True)

z = torch.matmul(x, w) + b
print(z.requires_grad)  # prints True

z_det = z.detach()
print(z_det.requires_grad)  # prints False
