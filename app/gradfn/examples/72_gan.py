# /// gradfn
# title = "GAN, one step"
# part = "models"
# summary = "Two networks, two optimizers: the generator learns through a judge that does not learn from it."
# ///
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
judge = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
of_generator = torch.optim.Adam(generator.parameters(), lr=1e-3)
of_judge = torch.optim.Adam(judge.parameters(), lr=1e-3)

real, noise = torch.randn(8, 2) + 3, torch.randn(8, 4)
yes, no = torch.ones(8, 1), torch.zeros(8, 1)

fake = generator(noise)
told_apart = F.binary_cross_entropy_with_logits(judge(real), yes)
told_apart = told_apart + F.binary_cross_entropy_with_logits(judge(fake.detach()), no)
of_judge.zero_grad()
told_apart.backward()
of_judge.step()

fooled = F.binary_cross_entropy_with_logits(judge(fake), yes)
of_generator.zero_grad()
fooled.backward()
of_generator.step()
