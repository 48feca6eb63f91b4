# /// gradfn
# title = "ResNet-50"
# part = "models"
# summary = "Sixteen blocks of three convolutions: the picture folds those that are alike into one, with their number."
# ///
import torch
from torch import nn

torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, inside, width, stride):
        super().__init__()
        outside = 4 * width
        self.conv1 = nn.Conv2d(inside, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outside, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outside)
        self.shortcut = None
        if stride != 1 or inside != outside:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return torch.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class ResNet(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.pool = nn.MaxPool2d(3, 2, 1)
        inside = 64
        for nr, count in enumerate(blocks):
            layer = []
            for at in range(count):
                layer.append(Block(inside, 64 * 2**nr, 2 if nr and not at else 1))
                inside = 4 * 64 * 2**nr
            setattr(self, f"layer{nr + 1}", nn.Sequential(*layer))
        self.fc = nn.Linear(inside, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


net = ResNet([3, 4, 6, 3])
images, labels = torch.randn(2, 3, 64, 64), torch.randint(10, (2,))
loss = nn.functional.cross_entropy(net(images), labels)
loss.backward()
