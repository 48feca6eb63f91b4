# /// gradfn
# title = "Changed in place too early"
# part = "classics"
# summary = "exp keeps its result for backward. It is changed before backward asks for it: an error."
# ///
import torch

x = torch.tensor([0.0, 1.0], requires_grad=True)
y = x.exp()
y += 1  # y = y + 1 would leave the result of exp as it was
y.sum().backward()
