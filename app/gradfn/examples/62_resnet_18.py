# /// gradfn
# title = "ResNet-18"
# part = "models"
# summary = "Each block adds what it found to what came in, so a gradient has a way past every block."
# ///
import torch
from torch import nn

torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, inside, outside, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.shortcut = None
        if stride != 1 or inside != outside:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class ResNet(nn.Module):
    def __init__(self, blocks, width=64):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inside = width
        for nr, count in enumerate(blocks):
            layer, outside = [], width * 2**nr
            for at in range(count):
                layer.append(Block(inside, outside, 2 if nr and not at else 1))
                inside = outside
            setattr(self, f"layer{nr + 1}", nn.Sequential(*layer))
        self.fc = nn.Linear(inside, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


net = ResNet([2, 2, 2, 2])
images, labels = torch.randn(2, 3, 32, 32), torch.randint(10, (2,))
loss = nn.functional.cross_entropy(net(images), labels)
loss.backward()
