# /// gradfn
# title = "Variational autoencoder"
# part = "models"
# summary = "Noise goes in beside the mean, so that a gradient reaches what the noise was drawn with."
# ///
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class VAE(nn.Module):
    def __init__(self, pixels=64, hidden=32, code=4):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU())
        self.mean, self.log_variance = nn.Linear(hidden, code), nn.Linear(hidden, code)
        self.decoder = nn.Sequential(nn.Linear(code, hidden), nn.ReLU(), nn.Linear(hidden, pixels))

    def forward(self, x):
        seen = self.encoder(x)
        mean, log_variance = self.mean(seen), self.log_variance(seen)
        code = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        return self.decoder(code), mean, log_variance


vae = VAE()
images = torch.rand(8, 64)
logits, mean, log_variance = vae(images)
reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
divergence = -0.5 * (1 + log_variance - mean.pow(2) - log_variance.exp()).sum()
loss = (reconstruction + divergence) / len(images)
loss.backward()
