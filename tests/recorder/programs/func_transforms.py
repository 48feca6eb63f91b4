# torch.func: what comes out is ordinary, what happened within has left no graph.
import torch
from torch.func import functional_call, grad, jacrev, jvp, vjp, vmap

torch.manual_seed(0)
x = torch.tensor([1.0, 2.0], requires_grad=True)
g = grad(lambda t: (t**3).sum())(x)
batch = vmap(torch.dot)(torch.rand(3, 2), torch.rand(3, 2) * x)
jacobian = jacrev(torch.sin)(x)
out, pull = vjp(torch.exp, x)
(back,) = pull(torch.ones(2))
primal, tangent = jvp(torch.cos, (x,), (torch.ones(2),))
net = torch.nn.Linear(2, 1)
params = {name: p * 2 for name, p in net.named_parameters()}
called = functional_call(net, params, (x,))
hessian = torch.autograd.functional.hessian(lambda t: (t**3).sum(), x.detach())
