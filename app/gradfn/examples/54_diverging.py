# /// gradfn
# title = "Too large a learning rate"
# part = "more"
# summary = "On a parabola a step may be so long that it ends higher than it began. Move lr and see where that begins."
# speed = 5
# [controls.lr]
# low = 0.01
# high = 1.2
# scale = "linear"
# [[views]]
# kind = "surface"
# over = ["w", "b"]
# loss = "w ** 2 + 0.2 * b ** 2"
# ranges = [[-4, 4], [-4, 4]]
# ///
import torch

lr = 1.02  # the curvature along w is 2: above 2 / 2 = 1 every step grows

w = torch.tensor(1.0, requires_grad=True)
b = torch.tensor(3.0, requires_grad=True)

for iteration in range(60):
    loss = w**2 + 0.2 * b**2
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
        b -= lr * b.grad
    w.grad = b.grad = None

print("it fell:", loss.item() < 1)

# prints it fell: False
