# Fake tensors know their shapes only.
# not shown: fake, sum_of_it
import torch
from torch._subclasses.fake_tensor import FakeTensorMode

mode = FakeTensorMode()
with mode:
    fake = torch.ones(2, 2, requires_grad=True)
    sum_of_it = (fake * 2).sum()
