# /// gradfn
# title = "Leaves, grad and grad_fn"
# part = "2.2"
# summary = "Which tensors are leaves, which get a gradient, and what made the others."
# ///
import torch

w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)

a = torch.add(w, x)
b = torch.add(w, 1)
y = torch.mul(a, b)  # y = (x + w) * (w + 1)

y.backward()

print(w.is_leaf, x.is_leaf, a.is_leaf, b.is_leaf, y.is_leaf)
# prints True True False False False
print(w.grad, x.grad, a.grad, b.grad, y.grad)
# prints tensor([5.]) tensor([2.]) None None None
print(w.grad_fn, x.grad_fn)
# prints None None
print(a.grad_fn.name(), b.grad_fn.name(), y.grad_fn.name())
# prints AddBackward0 AddBackward0 MulBackward0
