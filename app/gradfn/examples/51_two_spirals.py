# /// gradfn
# title = "Two spirals"
# part = "more"
# summary = "A small network bends its boundary around two spirals, while you watch."
# speed = 60
# [controls.lr]
# low = 0.0005
# high = 0.1
# scale = "log"
# [controls.hidden]
# low = 2
# high = 64
# [controls.noise]
# low = 0
# high = 1
# scale = "linear"
# [controls.seed]
# low = 0
# high = 50
# [[views]]
# kind = "classes"
# x = "points"
# labels = "labels"
# model = "net"
# ///
import math

import torch
import torch.nn as nn

seed = 3
torch.manual_seed(seed)
lr = 0.02
hidden = 24
noise = 0.15

turn = torch.linspace(0.5, 3 * math.pi, 100)
arm = torch.stack([turn * torch.cos(turn), turn * torch.sin(turn)], 1) / 2
points = torch.cat([arm, -arm]) + noise * torch.randn(200, 2)
labels = torch.cat([torch.zeros(100), torch.ones(100)])

net = nn.Sequential(
    nn.Linear(2, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1)
)
optimizer = torch.optim.Adam(net.parameters(), lr=lr)

for iteration in range(600):
    loss = nn.functional.binary_cross_entropy_with_logits(net(points).squeeze(1), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

right = ((net(points).squeeze(1) > 0) == labels).float().mean().item()
print("right:", right > 0.97)

# prints right: True
