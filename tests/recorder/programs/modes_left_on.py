# Modes entered and never left; reading must not pass through them.
# cure: function_mode.__exit__(None, None, None); dispatch_mode.__exit__(None, None, None)
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode


class Functions(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        print("function", getattr(func, "__name__", func))
        return func(*args, **(kwargs or {}))


class Dispatches(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        print("dispatch", func)
        return func(*args, **(kwargs or {}))


w = torch.arange(300.0).requires_grad_()
dispatch_mode = Dispatches()
function_mode = Functions()
dispatch_mode.__enter__()
function_mode.__enter__()
y = w * 2
