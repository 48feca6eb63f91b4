# Saved tensors are packed; reading must not unpack them.
import torch


def unpack(packed):
    print("unpacked")
    return packed[1]


w = torch.ones(2, requires_grad=True)
with torch.autograd.graph.saved_tensors_hooks(lambda t: ("packed", t), unpack):
    y = (w * w.exp()).sin()
with torch.autograd.graph.save_on_cpu():
    z = w.pow(3)
loss = y.sum() + z.sum()
