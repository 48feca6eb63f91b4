# Functions of one's own: one output, several, None for a gradient, a non-differentiable output.
import torch


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, power):
        ctx.save_for_backward(x)
        ctx.next_functions_of_mine = power
        return x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return 2 * x * grad, None


class Halves(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        count = torch.tensor(len(x))
        ctx.mark_non_differentiable(count)
        return x[:1].clone(), x[1:].clone(), count

    @staticmethod
    def backward(ctx, left, right, _):
        return None if left is None else torch.cat([left, left * 0])


class AccumulateGrad(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.add_(1)

    @staticmethod
    def backward(ctx, grad):
        return grad


x = torch.tensor([1.0, 2.0], requires_grad=True)
y = Square.apply(x, 2)
left, right, count = Halves.apply(y)
left.sum().backward()
dirty = x * 1
same = AccumulateGrad.apply(dirty)
