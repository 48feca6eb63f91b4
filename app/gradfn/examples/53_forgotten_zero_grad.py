# /// gradfn
# title = "Accumulation by mistake"
# part = "more"
# summary = "Without zero_grad() each step goes by the sum of all gradients so far, and swings past the goal."
# speed = 15
# [controls.lr]
# low = 0.001
# high = 0.5
# scale = "log"
# [controls.clear]
# low = 0
# high = 1
# [[views]]
# kind = "surface"
# over = ["w", "b"]
# loss = "(w - 2) ** 2 + 3 * (b - 1) ** 2"
# ranges = [[-3, 7], [-3, 5]]
# ///
import torch

lr = 0.02
clear = 0  # set it to 1: the swinging ends at once

w = torch.tensor(-2.0, requires_grad=True)
b = torch.tensor(4.0, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=lr)

for iteration in range(150):
    loss = (w - 2) ** 2 + 3 * (b - 1) ** 2
    if clear:
        optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if iteration in (0, 20, 40):
        print(iteration, round(loss.item(), 2))

# prints 0 43.0
# prints 20 17.24
# prints 40 1.1
