# /// gradfn
# title = "autograd.grad(), twice"
# part = "1b"
# summary = "The same gradient returned, not stored, with a graph of its own."
# ///
import torch

x = torch.tensor([3.0], requires_grad=True)
y = torch.pow(x, 2)  # y = x**2

grad_1 = torch.autograd.grad(y, x, create_graph=True)
print(grad_1)  # prints (tensor([6.], grad_fn=<MulBackward0>),)

grad_2 = torch.autograd.grad(grad_1[0], x)
print(grad_2)  # prints (tensor([2.]),)
print(x.grad)  # prints None
