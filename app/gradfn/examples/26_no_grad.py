# /// gradfn
# title = "torch.no_grad()"
# part = "2.3"
# summary = "Inside the block nothing is recorded, so there is nothing to go back along."
# ///
import torch

x = torch.ones(5)
w = torch.randn(5, 3, requires_grad=True)
b = torch.randn(3, requires_grad=True)

z = torch.matmul(x, w) + b
print(z.requires_grad)  # prints True

with torch.no_grad():
    z_no = torch.matmul(x, w) + b
print(z_no.requires_grad)  # prints False
