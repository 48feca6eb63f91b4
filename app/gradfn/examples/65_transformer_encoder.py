# /// gradfn
# title = "Transformer encoder"
# part = "models"
# summary = "One block: eight heads of attention, two layers, and two ways around them for the gradient."
# ///
import torch
from torch import nn

torch.manual_seed(0)


class Encoder(nn.Module):
    def __init__(self, width=64, heads=8):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.forwards = nn.Sequential(
            nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width)
        )

    def forward(self, x):
        attended, _ = self.attention(x, x, x)
        x = self.norm1(x + attended)
        return self.norm2(x + self.forwards(x))


block = Encoder()
words = torch.randn(2, 10, 64)
loss = block(words).pow(2).mean()
loss.backward()
