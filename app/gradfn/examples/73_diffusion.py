# /// gradfn
# title = "Diffusion, one step"
# part = "models"
# summary = "A network is shown an image with noise in it, and asked for the noise: that is the whole loss."
# ///
import math

import torch
from torch import nn

torch.manual_seed(0)


class Denoiser(nn.Module):
    def __init__(self, channels=16):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(32, 64), nn.SiLU(), nn.Linear(64, channels))
        self.first = nn.Conv2d(1, channels, 3, padding=1)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.GroupNorm(4, channels), nn.SiLU(), nn.Conv2d(channels, channels, 3, padding=1)
            )
            for _ in range(4)
        )
        self.last = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x, t):
        waves = t[:, None] * torch.exp(-math.log(1e4) * torch.arange(16) / 16)
        time = self.time(torch.cat([waves.sin(), waves.cos()], 1))
        x = self.first(x) + time[:, :, None, None]
        for block in self.blocks:
            x = x + block(x)
        return self.last(x)


kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)
net = Denoiser()
image, noise, t = torch.rand(4, 1, 16, 16), torch.randn(4, 1, 16, 16), torch.randint(1000, (4,))
share = kept[t][:, None, None, None]
noisy = share.sqrt() * image + (1 - share).sqrt() * noise
loss = (net(noisy, t) - noise).pow(2).mean()
loss.backward()
