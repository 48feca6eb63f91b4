# Hooks on tensors and nodes; reading calls none of them.
import torch

torch.manual_seed(0)

w = torch.ones(2, requires_grad=True)
handle = w.register_hook(lambda grad: print("w", grad) or grad * 2)
y = w * 3
y.register_hook(lambda grad: print("y"))
y.grad_fn.register_prehook(lambda grads: print("pre"))
y.grad_fn.register_hook(lambda *grads: print("post"))
w.register_post_accumulate_grad_hook(lambda t: print("accumulated", t.grad))
net = torch.nn.Linear(2, 1)
net.register_full_backward_hook(lambda *args: print("module"))
net(y).sum().backward()
