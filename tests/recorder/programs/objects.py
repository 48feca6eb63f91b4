# Objects of the program's own classes: attributes, slots, class attributes, namespaces.
import dataclasses
import types
import torch


@dataclasses.dataclass(slots=True)
class Slotted:
    weight: torch.Tensor
    missing: torch.Tensor = None


class Model:
    shared = torch.full((1,), 2.0, requires_grad=True)

    def __init__(self):
        self.w = torch.ones(1, requires_grad=True)
        self._hidden = [self.w * 2]
        self.__dict__["no identifier"] = torch.zeros(1)


slotted = Slotted(torch.ones(2, requires_grad=True))
del slotted.missing
model = Model()
space = types.SimpleNamespace(lr=0.1, bias=torch.zeros(1, requires_grad=True))
y = model.w * Model.shared + space.bias + slotted.weight
