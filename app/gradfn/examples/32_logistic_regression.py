# /// gradfn
# title = "Logistic regression"
# part = "3.2"
# summary = "Two clouds of points and the straight line that learns to part them."
# speed = 60
# [controls.lr]
# low = 0.0005
# high = 0.5
# scale = "log"
# [controls.momentum]
# low = 0
# high = 0.99
# scale = "linear"
# [controls.noise]
# low = 0.1
# high = 4
# scale = "linear"
# [controls.mean_value]
# low = 0
# high = 4
# scale = "linear"
# [controls.sample_nums]
# low = 10
# high = 500
# [controls.bias]
# low = 0
# high = 10
# [controls.seed]
# low = 0
# high = 50
# [[views]]
# kind = "classes"
# x = "train_x"
# labels = "train_y"
# model = "lr_net"
# ///
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn as nn

seed = 10
torch.manual_seed(seed)

sample_nums = 100
mean_value = 1.7
bias = 5
noise = 1.0
n_data = torch.ones(sample_nums, 2)
x0 = torch.normal(mean_value * n_data, noise) + bias
y0 = torch.zeros(sample_nums)
x1 = torch.normal(-mean_value * n_data, noise) + bias
y1 = torch.ones(sample_nums)
train_x = torch.cat((x0, x1), 0)
train_y = torch.cat((y0, y1), 0)


class LR(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Linear(2, 1)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x):
        x = self.features(x)
        x = self.sigmoid(x)
        return x


lr_net = LR()
loss_fn = nn.BCELoss()
lr = 0.01
momentum = 0.9
optimizer = torch.optim.SGD(lr_net.parameters(), lr=lr, momentum=momentum)

for iteration in range(601):
    y_pred = lr_net(train_x)
    loss = loss_fn(y_pred.squeeze(), train_y)

    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

    if iteration % 20 == 0:
        mask = y_pred.ge(0.5).float().squeeze()
        correct = (mask == train_y).sum()
        acc = correct.item() / train_y.size(0)

        plt.scatter(x0.numpy()[:, 0], x0.numpy()[:, 1], c="r", label="class 0")
        plt.scatter(x1.numpy()[:, 0], x1.numpy()[:, 1], c="b", label="class 1")
        w0, w1 = lr_net.features.weight[0]
        w0, w1 = float(w0.item()), float(w1.item())
        plot_b = float(lr_net.features.bias[0].item())
        plot_x = np.arange(-6, 6, 0.1)
        plot_y = (-w0 * plot_x - plot_b) / w1
        plt.xlim(-5, 10)
        plt.ylim(-7, 10)
        plt.plot(plot_x, plot_y)
        plt.text(-5, 5, f"loss = {loss.item():.4f}", fontdict={"size": 14, "color": "red"})
        plt.title(f"iteration {iteration}   w0 = {w0:.2f}   w1 = {w1:.2f}   accuracy = {acc:.1%}")
        plt.legend()
        plt.show()

        if iteration % 100 == 0:
            print(iteration, round(loss.item(), 4), acc)
        if acc > 0.99:
            break
