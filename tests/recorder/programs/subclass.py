# A subclass of Tensor with __torch_function__ that must not run while it is read.
import torch


class Metres(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        if getattr(func, "__name__", "") not in ("__get__", "tolist"):
            print("called", getattr(func, "__name__", func))
        return super().__torch_function__(func, types, args, kwargs or {})


length = torch.tensor([1.0, 2.0]).as_subclass(Metres).requires_grad_()
double = length * 2
weight = torch.nn.Parameter(torch.ones(2).as_subclass(Metres))
weight.note = "an attribute"
net = torch.nn.Module()
net.w = weight
double.sum().backward()
