# /// gradfn
# title = "Gradients cleared"
# part = "2.1"
# summary = "The same loop with zero_(): every pass starts from nothing."
# ///
import torch

w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)

for i in range(4):
    a = torch.add(w, x)
    b = torch.add(w, 1)
    y = torch.mul(a, b)  # y = (x + w) * (w + 1)

    y.backward()
    print(w.grad)

    w.grad.zero_()
    x.grad.zero_()

# prints tensor([5.])
# prints tensor([5.])
# prints tensor([5.])
# prints tensor([5.])
