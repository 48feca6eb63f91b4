# /// gradfn
# title = "LSTM, 50 steps"
# part = "models"
# summary = "One cell, used fifty times: how little of the gradient is left after fifty steps on its way back."
# ///
import torch
from torch import nn

torch.manual_seed(0)
cell = nn.LSTMCell(8, 16)
head = nn.Linear(16, 1)
series, target = torch.randn(50, 4, 8), torch.randn(4, 1)

h = c = torch.zeros(4, 16)
for t in range(50):
    h, c = cell(series[t], (h, c))
loss = (head(h) - target).pow(2).mean()
loss.backward()
