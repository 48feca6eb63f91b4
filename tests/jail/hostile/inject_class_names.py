# tries: to break out of a label by the name of an operation of its own
# must: text, and nothing but text
# ends: finished
# control: no, nothing is stopped, it is quoted
import torch


def forward(ctx, x):
    return x * 2


def backward(ctx, grad):
    return grad * 2


name = '<script>alert(1)</script>"];x[URL="javascript:alert(1)"]'
Evil = type(name, (torch.autograd.Function,), {})
Evil.forward, Evil.backward = staticmethod(forward), staticmethod(backward)
y = Evil.apply(torch.ones(1, requires_grad=True)).sum()
