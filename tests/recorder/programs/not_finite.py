# NaN and infinity in values and gradients.
import torch

x = torch.tensor([0.0, 1.0, -1.0], requires_grad=True)
log = x.log()
ratio = x / 0
where = torch.where(x > 0, x.sqrt(), torch.zeros(()))
(log.sum() + where.sum()).backward()
