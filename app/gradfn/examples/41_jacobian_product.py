# /// gradfn
# title = "The Jacobian product"
# part = "4"
# summary = "backward(v) of a matrix: vᵀ·J is computed, J never is."
# ///
import torch

inp = torch.eye(5, requires_grad=True)
out = (inp + 1).pow(2)

v = torch.ones_like(inp)
out.backward(v, retain_graph=True)
print("First call\n", inp.grad)

out.backward(v, retain_graph=True)
print("Second call\n", inp.grad)

inp.grad.zero_()
out.backward(v, retain_graph=True)
print("Call after zeroing gradients\n", inp.grad)
