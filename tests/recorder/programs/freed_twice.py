# A second backward through freed buffers.
import torch

w = torch.tensor([1.0], requires_grad=True)
y = w.exp()
y.backward()
y.backward()
