# Views of views, changed in place: CopySlices and functions made anew.
import torch

base = torch.zeros(4, 3, requires_grad=True)
x = base * 1
row = x[1]
row.mul_(2)
x[2:, 0] = torch.ones(2, requires_grad=True)
part = x.narrow(0, 0, 2).transpose(0, 1)
part.add_(5)
diagonal = x[:3].diagonal()
wide = base[0].expand(5, 3)
strided = torch.as_strided(x, (2, 2), (1, 2), 1)
windows = x.view(-1).unfold(0, 4, 2)
x.sum().backward()
