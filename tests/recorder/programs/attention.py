# Multi-head attention and a whole Transformer, the deepest names there are.
import torch
import torch.nn as nn

torch.manual_seed(0)
attention = nn.MultiheadAttention(4, 2)
seq = torch.rand(3, 1, 4)
out, weights = attention(seq, seq, seq)
layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0)
encoded = layer(seq)
model = nn.Transformer(4, 2, 1, 1, 8, dropout=0.0)
decoded = model(seq, seq)
(out.sum() + encoded.pow(2).sum() + decoded.sum()).backward()
