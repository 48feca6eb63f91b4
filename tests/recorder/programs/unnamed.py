# Graphs that only closures, generators and cells keep; and names that are gone.
import torch

w = torch.ones(2, requires_grad=True)


def keeper():
    inner = (w * 2).exp()
    return lambda: inner.sum()


def endless():
    state = w * 3
    while True:
        yield None
        state = state * w


held = keeper()
generator = endless()
next(generator)
next(generator)
gone = torch.ones(1, requires_grad=True) * 5
del gone
in_a_set = {w.cosh()}
partial = __import__("functools").partial(torch.add, w.sinh())
