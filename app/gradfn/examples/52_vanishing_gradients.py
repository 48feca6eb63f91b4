# /// gradfn
# title = "Vanishing gradients"
# part = "more"
# summary = "Ten sigmoid layers: each takes at least three quarters of the gradient, so the first one learns nothing."
# speed = 30
# [controls.lr]
# low = 0.01
# high = 10
# scale = "log"
# [controls.depth]
# low = 2
# high = 20
# ///
import torch
import torch.nn as nn

torch.manual_seed(0)
depth = 10
lr = 0.5

x = torch.linspace(-2, 2, 40).reshape(-1, 1)
y = torch.sin(2 * x)

layers = [nn.Linear(1, 8), nn.Sigmoid()]
for _ in range(depth - 2):
    layers += [nn.Linear(8, 8), nn.Sigmoid()]
net = nn.Sequential(*layers, nn.Linear(8, 1))

for iteration in range(200):
    y_pred = net(x)
    loss = ((y_pred - y) ** 2).mean()
    net.zero_grad()
    loss.backward()
    first = net[0].weight.grad.norm().item()
    last = net[-1].weight.grad.norm().item()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter -= lr * parameter.grad
    if iteration == 0:
        print("the first layer gets less than a millionth:", first < last / 1e6)

# prints the first layer gets less than a millionth: True
