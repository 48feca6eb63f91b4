# /// gradfn
# title = "Linear regression by hand"
# part = "3.1"
# summary = "A line fitted by gradient descent, every step of it written out."
# speed = 20
# [controls.lr]
# low = 0.001
# high = 0.2
# scale = "log"
# [controls.noise]
# low = 0
# high = 6
# scale = "linear"
# [controls.points]
# low = 5
# high = 200
# [controls.seed]
# low = 0
# high = 50
# [[views]]
# kind = "fit"
# x = "x"
# y = "y"
# line = "w * x + b"
# [[views]]
# kind = "surface"
# over = ["w", "b"]
# loss = "(0.5 * (y - (w * x + b)) ** 2).mean()"
# ranges = [[0, 5], [-3, 9]]
# ///
import matplotlib.pyplot as plt
import torch

lr = 0.05
points = 20
noise = 1.0
seed = 10
torch.manual_seed(seed)

x = torch.rand(points, 1) * 10
y = 2 * x + (5 + noise * torch.randn(points, 1))

w = torch.randn((1), requires_grad=True)
b = torch.zeros((1), requires_grad=True)

for iteration in range(100):
    wx = torch.mul(w, x)
    y_pred = torch.add(wx, b)
    loss = (0.5 * (y - y_pred) ** 2).mean()

    loss.backward()

    b.data.sub_(lr * b.grad)
    w.data.sub_(lr * w.grad)

    w.grad.zero_()
    b.grad.zero_()

    if iteration % 20 == 0:
        print(iteration, round(loss.item(), 4))
        plt.scatter(x.numpy(), y.numpy())
        plt.plot(x.numpy(), y_pred.data.numpy(), "r-", lw=3)
        plt.text(2, 20, f"loss = {loss.item():.4f}", fontdict={"size": 14, "color": "red"})
        plt.xlim(1.5, 10)
        plt.ylim(8, 28)
        plt.title(f"iteration {iteration}   w = {w.item():.3f}   b = {b.item():.3f}")
        plt.show()

        if loss.item() < 1:
            break

# prints 0 7.1647
# prints 20 1.4863
# prints 40 1.2799
# prints 60 1.1152
# prints 80 0.9837
