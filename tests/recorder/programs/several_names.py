# One tensor under several names, and two tensors over one storage.
import torch

w = torch.ones(2, requires_grad=True)
same = w
alias = [w, w]
twin = w.detach()
view = w.view(2)
both = {"a": view, "b": view}
y = (w * same + alias[0]).sum()
