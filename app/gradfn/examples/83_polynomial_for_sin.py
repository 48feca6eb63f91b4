# /// gradfn
# title = "A polynomial for sin"
# part = "classics"
# summary = "Four numbers, a third-order polynomial, and 500 steps of gradient descent by hand."
# ///
import math

import torch

x = torch.linspace(-math.pi, math.pi, 200, dtype=torch.float64)
y = torch.sin(x)
a, b, c, d = (torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in range(4))

for step in range(500):
    y_pred = a + b * x + c * x**2 + d * x**3
    loss = (y_pred - y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        for number in (a, b, c, d):
            number -= 1e-6 * number.grad
            number.grad = None

# sin is odd: a and c, which belong to what is even in x, stay zero.
print(f"{b.item():.4f} {d.item():.4f} {loss.item():.3f}")
# prints 0.0881 0.0152 63.411
