# /// gradfn
# title = "A recurrent net, unrolled"
# part = "classics"
# summary = "One weight used at each of four times: its gradient is the sum over all of them."
# ///
import torch

x = torch.tensor([1.0, 0.0, 0.0, 0.0])
w = torch.tensor(0.5, requires_grad=True)  # from one time to the next
u = torch.tensor(1.0, requires_grad=True)  # from the input

h = torch.tensor(0.0)
for t in range(4):
    h = w * h + u * x[t]
h.backward()

# h = u w³, so dh/dw = 3 u w² and dh/du = w³.
print(h.item(), w.grad.item(), u.grad.item())
# prints 0.125 0.75 0.125
