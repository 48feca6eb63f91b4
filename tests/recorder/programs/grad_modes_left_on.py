# Gradients switched off, inference mode and autocast entered, anomaly mode on, and all left so.
# cure: inference.__exit__(None, None, None); autocast.__exit__(None, None, None)
import torch
import warnings

warnings.simplefilter("ignore")
w = torch.linspace(0, 1, 300, requires_grad=True)
y = w.sin()
y.sum().backward()
torch.autograd.set_detect_anomaly(True)
torch.set_grad_enabled(False)
autocast = torch.autocast("cpu")
autocast.__enter__()
inference = torch.inference_mode()
inference.__enter__()
