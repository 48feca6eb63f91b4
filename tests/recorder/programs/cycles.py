# Containers within themselves, and garbage that only the collector finds.
import torch

w = torch.ones(1, requires_grad=True)
loop = [w]
loop.append(loop)
ring = {"next": {}}
ring["next"]["next"] = ring
ring["next"]["w"] = w * 2


class Node:
    pass


node = Node()
node.me, node.tensor = node, w * 3
garbage = Node()
garbage.me, garbage.tensor = garbage, w * 4
del garbage
