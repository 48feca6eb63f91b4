# /// gradfn
# title = "Leaf or not"
# part = "classics"
# summary = "Who makes a tensor decides whether it is a leaf, and whether it gets a gradient."
# ///
import torch

a = torch.rand(3, requires_grad=True)  # made by nobody: a leaf
b = a * 1  # made by a multiplication
c = torch.rand(3)  # needs no gradient: a leaf, but no gradient comes
d = (a * 1).detach().requires_grad_()  # cut off: a leaf again

print(a.is_leaf, b.is_leaf, c.is_leaf, d.is_leaf)
# prints True False True True
loss = (b * c).sum()
loss.backward()
print(torch.equal(a.grad, c), c.grad, d.grad)
# prints True None None
