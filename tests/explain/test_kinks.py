"""Where a function has no derivative, autograd takes what our note says that it takes."""

import pytest
import torch
from torch.nn import functional

from gradfn.explain.backprop.kinks import RULES

AT = {
    "AbsBackward0": ("torch.abs(x)", [0.0], [0.0]),
    "AmaxBackward0": ("x.amax()", [2.0, 2.0], [0.5, 0.5]),
    "AminBackward0": ("x.amin()", [2.0, 2.0], [0.5, 0.5]),
    "ClampBackward0": ("x.clamp(torch.zeros(1), torch.ones(1))", [0.0, 1.0], [1.0, 1.0]),
    "ClampBackward1": ("x.clamp(0, 1)", [0.0, 1.0], [1.0, 1.0]),
    "ClampMaxBackward0": ("torch.clamp_max(x, 1)", [1.0], [1.0]),
    "ClampMinBackward0": ("torch.clamp_min(x, 0)", [0.0], [1.0]),
    "HardsigmoidBackward0": ("functional.hardsigmoid(x)", [-3.0, 3.0], [0.0, 0.0]),
    "HardtanhBackward0": ("functional.hardtanh(x)", [-1.0, 1.0], [0.0, 0.0]),
    "LeakyReluBackward0": ("functional.leaky_relu(x, 0.1)", [0.0], [0.1]),
    "LinalgVectorNormBackward0": ("torch.linalg.vector_norm(x)", [0.0, 0.0], [0.0, 0.0]),
    "MaxBackward0": ("x.max(dim=0)[0]", [2.0, 2.0], [1.0, 0.0]),
    "MaxBackward1": ("x.max()", [2.0, 2.0], [0.5, 0.5]),
    "MaximumBackward0": ("torch.maximum(x, y)", [2.0], [0.5]),
    "MinBackward0": ("x.min(dim=0)[0]", [2.0, 2.0], [1.0, 0.0]),
    "MinBackward1": ("x.min()", [2.0, 2.0], [0.5, 0.5]),
    "MinimumBackward0": ("torch.minimum(x, y)", [2.0], [0.5]),
    "NormBackward0": ("torch._VF.norm(x, 2)", [0.0, 0.0], [0.0, 0.0]),
    "ReluBackward0": ("torch.relu(x)", [0.0], [0.0]),
    "ThresholdBackward0": ("functional.threshold(x, 1.0, 0.0)", [1.0], [0.0]),
}


@pytest.mark.parametrize("name", RULES)
def test_autograd_takes_what_is_said_of_it(name: str) -> None:
    code, values, slopes = AT[name]
    x = torch.tensor(values, requires_grad=True)

    made = eval(code, {"torch": torch, "functional": functional, "x": x, "y": x.detach().clone()})
    made.sum().backward()

    assert type(made.grad_fn).__name__ == name
    assert x.grad is not None
    assert x.grad.tolist() == pytest.approx(slopes)
