# /// gradfn
# title = "LeNet"
# part = "models"
# summary = "The network that read cheques: two convolutions, three layers, and where its 61,706 numbers are."
# ///
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2),
    nn.Tanh(),
    nn.AvgPool2d(2),
    nn.Conv2d(6, 16, 5),
    nn.Tanh(),
    nn.AvgPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120),
    nn.Tanh(),
    nn.Linear(120, 84),
    nn.Tanh(),
    nn.Linear(84, 10),
)
digits, labels = torch.randn(4, 1, 28, 28), torch.randint(10, (4,))
loss = nn.functional.cross_entropy(net(digits), labels)
loss.backward()
