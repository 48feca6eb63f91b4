# Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict, names that are no identifiers.
import collections
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Sequential(nn.Linear(3, 1)))
named = nn.Sequential(collections.OrderedDict(conv=nn.Linear(2, 2), act=nn.Tanh()))


class Zoo(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.ModuleList([nn.Linear(1, 1), nn.ModuleList([nn.Linear(1, 1)])])
        self.by_name = nn.ModuleDict({"a-b": nn.Linear(1, 1), "keys": nn.Linear(1, 1)})
        self.ps = nn.ParameterList([nn.Parameter(torch.ones(1)), torch.zeros(1)])
        self.pd = nn.ParameterDict({"left": nn.Parameter(torch.ones(1))})
        self.add_module("no identifier", nn.Linear(1, 1))
        self.register_parameter("class", nn.Parameter(torch.ones(1)))
        self.register_buffer("running", torch.zeros(2))
        self.register_parameter("nothing", None)
        self.plain = [torch.ones(1)]


zoo = Zoo()
y = (
    net(torch.rand(4, 2)).sum()
    + zoo.items[1][0](torch.ones(1)) * zoo.pd["left"]
    + named(torch.ones(2))
)
