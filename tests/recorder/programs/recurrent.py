# LSTM and GRU: outputs that are tuples of tuples.
import torch
import torch.nn as nn

torch.manual_seed(0)
lstm, gru = nn.LSTM(2, 3, num_layers=2), nn.GRU(2, 3)
steps = torch.rand(4, 1, 2)
out, (h, c) = lstm(steps)
state = lstm(steps, (h, c))
seen = gru(steps)
cell = nn.LSTMCell(2, 3)
hidden = None
for step in steps:
    hidden = cell(step, hidden)
(out.sum() + h.sum() + hidden[0].sum()).backward()
