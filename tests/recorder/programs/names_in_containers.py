# Tensors in lists, dictionaries, tuples and modules within them.
import collections
import torch
import torch.nn as nn

torch.manual_seed(0)
layers = [nn.Linear(1, 2), nn.Linear(2, 1)]
d = {"w": torch.ones(2, requires_grad=True), "nested": {"deep": [torch.zeros(1)]}, 3: torch.ones(1)}
pair = (d["w"] * 2, (d["w"] + 1, None))
Point = collections.namedtuple("Point", "x y")
point = Point(torch.ones(1, requires_grad=True), torch.ones(2))
queue = collections.deque([torch.full((1,), 7.0, requires_grad=True)], maxlen=3)
odd = {
    'it\'s "quoted"\n': torch.ones(1),
    ("a", 1): torch.ones(1),
    None: torch.ones(1),
    1.5: torch.ones(1),
}
losses = collections.defaultdict(list)
losses["train"].append(layers[1](layers[0](torch.ones(1))).sum())
