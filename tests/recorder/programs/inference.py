# Inference tensors: no version, no history.
import torch

w = torch.ones(2, requires_grad=True)
with torch.inference_mode():
    x = torch.ones(2)
    y = w * 2
    x.add_(1)
    v = w.view(2)
out = y.clone() * w
