# The program throws torch out of sys.modules and changes every default.
# cure: __import__("sys").modules["torch"] = kept; kept.set_default_device("cpu"); kept.set_default_dtype(kept.float32)
import sys
import torch

w = torch.ones(2, requires_grad=True)
y = (w * 2).sum()
y.backward()
kept = torch
torch.set_default_device("meta")
torch.set_default_dtype(torch.float16)
torch.set_printoptions(precision=1)
del sys.modules["torch"]
