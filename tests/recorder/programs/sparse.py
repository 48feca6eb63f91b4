# Sparse tensors, COO and CSR, and a sparse gradient.
import torch
import torch.nn as nn

torch.manual_seed(0)
coo = torch.sparse_coo_tensor([[0, 1], [2, 0]], [3.0, 4.0], (2, 3), requires_grad=True)
csr = torch.eye(3).to_sparse_csr()
embed = nn.Embedding(4, 2, sparse=True)
dense = torch.ones(3, 2, requires_grad=True)
product = torch.sparse.mm(coo, dense)
loss = product.sum() + embed(torch.tensor([1, 1, 3])).sum()
loss.backward()
