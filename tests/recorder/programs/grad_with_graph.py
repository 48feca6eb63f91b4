# backward(create_graph=True) leaves graphs in .grad, under no name but that one.
import torch
import warnings

warnings.simplefilter("ignore")
w = torch.tensor([2.0, 3.0], requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
loss = (w**3).sum() * b
loss.backward(create_graph=True)
penalty = w.grad.norm()
