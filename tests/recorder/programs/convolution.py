# A small network for pictures, trained for one step.
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2)
        )
        self.classifier = nn.Linear(2 * 3 * 3, 3)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
logits = net(torch.rand(2, 1, 8, 8))
loss = F.cross_entropy(logits, torch.tensor([0, 2]))
loss.backward()
optimizer.step()
