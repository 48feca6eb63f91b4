# Linear algebra that gives named tuples.
import torch

torch.manual_seed(0)
a = torch.rand(3, 3, requires_grad=True)
u, s, vh = torch.linalg.svd(a)
eigen = torch.linalg.eigh(a + a.T)
q, r = torch.linalg.qr(a)
sign, logdet = torch.linalg.slogdet(a + 3 * torch.eye(3))
loss = s.sum() + eigen.eigenvalues[0] + r.diagonal().prod() + logdet
