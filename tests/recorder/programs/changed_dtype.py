# net.double() gives a leaf a second AccumulateGrad; the old graph keeps the first.
import torch

torch.manual_seed(0)
net = torch.nn.Linear(2, 1)
before = net(torch.ones(2))
net.double()
after = net(torch.ones(2, dtype=torch.float64))
