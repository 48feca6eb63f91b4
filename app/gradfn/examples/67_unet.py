# /// gradfn
# title = "U-Net"
# part = "models"
# summary = "Down four times, up three times, and a bridge at each level: they are the edges that go far."
# ///
import torch
from torch import nn

torch.manual_seed(0)


def double(inside, outside):
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(outside, outside, 3, padding=1),
        nn.ReLU(),
    )


class UNet(nn.Module):
    def __init__(self, channels=(8, 16, 32, 64)):
        super().__init__()
        self.down = nn.ModuleList(double(a, b) for a, b in zip((3, *channels), channels))
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in zip(channels, channels[1:])
        )
        self.merge = nn.ModuleList(double(2 * a, a) for a in channels[:-1])
        self.pool, self.last = nn.MaxPool2d(2), nn.Conv2d(channels[0], 1, 1)

    def forward(self, x):
        skips = []
        for down in self.down[:-1]:
            x = down(x)
            skips.append(x)
            x = self.pool(x)
        x = self.down[-1](x)
        for up, merge, skip in zip(reversed(self.up), reversed(self.merge), reversed(skips)):
            x = merge(torch.cat([skip, up(x)], 1))
        return self.last(x)


net = UNet()
image, mask = torch.randn(1, 3, 32, 32), torch.rand(1, 1, 32, 32).round()
loss = nn.functional.binary_cross_entropy_with_logits(net(image), mask)
loss.backward()
