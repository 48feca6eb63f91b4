# /// gradfn
# title = "One layer, binary cross-entropy"
# part = "classics"
# summary = "The network of PyTorch's own autograd tutorial: x @ w + b, and the loss of its logits."
# ///
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

x = torch.ones(2)
y = torch.zeros(1)
w = torch.zeros(2, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

z = x @ w + b
loss = binary_cross_entropy_with_logits(z, y)
loss.backward()

# sigmoid(0) - 0 = 0.5 reaches z, and from there x times as much reaches w.
print(loss.item(), w.grad.tolist(), b.grad.tolist())
# prints 0.6931471824645996 [[0.5], [0.5]] [0.5]
