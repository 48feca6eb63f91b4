# A subclass whose attributes and methods lie: PyTorch's own are told.
# cure: [delattr(Liar, name) for name in LIES]
import torch


class Liar(torch.Tensor):
    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = torch.Tensor.__hash__


LIES = "grad grad_fn requires_grad is_leaf retains_grad _version output_nr shape dtype layout device is_meta".split()
liar = torch.tensor([1.0, 2.0]).as_subclass(Liar).requires_grad_()
child = liar * 3
child.sum().backward()
for lie in LIES:
    setattr(Liar, lie, property(lambda self: 1 / 0))
LIES += "detach tolist numel reshape resolve_conj __repr__ data_ptr is_inference".split()
for lie in LIES[-8:]:
    setattr(Liar, lie, lambda self, *args, **kwargs: 1 / 0)
