# /// gradfn
# title = "backward()"
# part = "1a"
# summary = "The gradient of x² at 3, put into x.grad."
# ///
import torch

x = torch.tensor([3.0], requires_grad=True)
y = torch.pow(x, 2)  # y = x**2

y.backward()
print(x.grad)  # prints tensor([6.])
