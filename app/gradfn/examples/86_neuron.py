# /// gradfn
# title = "A neuron"
# part = "classics"
# summary = "The neuron of micrograd's lecture: two inputs, two weights, a bias and tanh; o = 0.7071."
# ///
import torch

x1 = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
x2 = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
w1 = torch.tensor(-3.0, dtype=torch.float64, requires_grad=True)
w2 = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
b = torch.tensor(6.8813735870195432, dtype=torch.float64, requires_grad=True)

n = x1 * w1 + x2 * w2 + b
o = torch.tanh(n)
o.backward()

print(f"{o.item():.4f}")
# prints 0.7071
print(*(f"{each.grad.item():.4f}" for each in (x1, w1, x2, w2)))
# prints -1.5000 1.0000 0.5000 0.0000
