# No dimensions, no elements, one element, many dimensions, more elements than are listed.
# options: {"max_values": 10}
import torch

scalar = torch.tensor(3.5, requires_grad=True)
empty = torch.zeros(0, 3, requires_grad=True)
nothing = empty.sum()
single = torch.ones(1, 1, 1)
deep = torch.ones([1] * 64)
big = torch.linspace(-1, 1, 5000, requires_grad=True)
wide = torch.ones(1).expand(1000)
strange = torch.tensor(
    [float("nan"), 1.0, float("inf"), -float("inf"), 0.0, -0.0, 2.0, 1e300, 5.0, 6.0, 7.0]
)
only_nan = torch.full((20,), float("nan"))
flags = torch.arange(30) % 3 == 0
ints = torch.arange(-10, 10)
(scalar * big).sum().backward()
