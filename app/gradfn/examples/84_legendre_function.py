# /// gradfn
# title = "A custom Function"
# part = "classics"
# summary = "The Legendre polynomial P3 with a backward of its own, beside what autograd finds."
# ///
import torch


class LegendrePolynomial3(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 0.5 * (5 * x**3 - 3 * x)

    @staticmethod
    def backward(ctx, grad_output):
        (x,) = ctx.saved_tensors
        return grad_output * 1.5 * (5 * x**2 - 1)


x = torch.tensor([0.0, 0.5, 1.0], requires_grad=True)
y = LegendrePolynomial3.apply(x)
y.sum().backward()
print(y.tolist(), x.grad.tolist())
# prints [0.0, -0.4375, 1.0] [-1.5, 0.375, 6.0]

[plain] = torch.autograd.grad((0.5 * (5 * x**3 - 3 * x)).sum(), x)
print(torch.equal(plain, x.grad))
# prints True
