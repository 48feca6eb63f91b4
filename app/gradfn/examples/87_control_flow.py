# /// gradfn
# title = "A graph that depends on its input"
# part = "classics"
# summary = "The loop of Dive into Deep Learning: how often b is doubled depends on a, the graph too."
# ///
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        c = b
    else:
        c = 100 * b
    return c


a = torch.tensor(3.0, requires_grad=True)
d = f(a)
d.backward()

# f is a straight line through zero here: 3 is doubled nine times.
print(a.grad.item(), (d / a).item())
# prints 512.0 512.0
