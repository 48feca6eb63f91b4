# /// gradfn
# title = "Gradients accumulate"
# part = "2.1"
# summary = "Four passes forward and back without clearing: every backward() adds to what is there."
# ///
import torch

w = torch.tensor([1.0], requires_grad=True)
x = torch.tensor([2.0], requires_grad=True)

for i in range(4):
    a = torch.add(w, x)
    b = torch.add(w, 1)
    y = torch.mul(a, b)  # y = (x + w) * (w + 1)

    y.backward()
    print(w.grad, x.grad)

# prints tensor([5.]) tensor([2.])
# prints tensor([10.]) tensor([4.])
# prints tensor([15.]) tensor([6.])
# prints tensor([20.]) tensor([8.])
