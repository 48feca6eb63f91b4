# More dimensions than travel, and more elements than anybody has.
# not shown: deep, endless, virtual
import torch

deep = torch.ones([1] * 65)
endless = torch.ones(1, requires_grad=True).expand(10**11)
virtual = torch.sparse_coo_tensor([[5], [6]], [1.0], (10**6, 10**6))
